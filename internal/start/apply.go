package start

import (
	"fmt"

	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan"
)

// apply writes what the agent needs into the app's environment. What the user
// set for the agent stays, but for the details and the preload list.
func (p *planner) apply(s *Source, d *Details, agentDir string) {
	// The agent takes every byte as it is, white space included.
	p.change(varTenant, d.Tenant)
	p.change(varTenantToken, d.TenantToken)
	p.change(varConnectionPoint, d.ConnectionPoint)
	if s.Details == nil {
		p.plan.Log.debug(fmt.Sprintf("set %s=%s %s=%s %s=%s", varTenant, d.Tenant, varTenantToken, scan.Placeholder(string(variable.KindTenantToken)), varConnectionPoint, d.ConnectionPoint))
	}
	p.setNetworkZone(s)
	for i := 0; i+1 < len(s.Defaults); i += 2 {
		p.env.preset(s.Defaults[i], s.Defaults[i+1])
	}
	p.describe()
	p.storage(agentDir + "/log")
	list := preload(p.settings.Preload, p.withoutMissing(p.user.get(varPreload)))
	p.env.set(varPreload, list)
	p.plan.Log.debug("set " + varPreload + "=" + list)
	p.plan.Monitored = true
}

// change sets a variable unless it has exactly this value.
func (p *planner) change(name, v string) {
	if p.user.get(name) != v {
		p.env.set(name, v)
	}
}

// setNetworkZone sets the network zone, and warns of what the agent cannot use.
func (p *planner) setNetworkZone(s *Source) {
	zone, err := p.networkZone(s)
	if err != nil {
		p.plan.Log.add(levelWarn, err.Error())
	} else {
		p.change(varNetworkZone, zone)
	}
	if _, err := p.given(varProxy); err != nil {
		p.plan.Log.add(levelWarn, err.Error())
	}
}

// networkZone is the user's, else the source's, else that of the build.
func (p *planner) networkZone(s *Source) (string, error) {
	zone, err := p.given(varNetworkZone)
	if err != nil {
		return "", err
	}
	for _, one := range []string{zone, s.NetworkZone, p.settings.NetworkZone} {
		if one != "" {
			return one, nil
		}
	}
	return "", nil
}
