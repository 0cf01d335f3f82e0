package start

import "fmt"

// apply writes what the agent needs into the app's environment. What the user
// set for the agent stays, but for the details and the preload list.
func (p *planner) apply(s *Source, d *Details, agentDir string) {
	if s.Details == nil {
		p.env.set(varTenant, d.Tenant)
		p.env.set(varTenantToken, d.TenantToken)
		p.env.set(varConnectionPoint, d.ConnectionPoint)
		p.plan.Log.debug(fmt.Sprintf("set %s=%s %s=*** %s=%s", varTenant, d.Tenant, varTenantToken, varConnectionPoint, d.ConnectionPoint))
	}
	if d := s.Details; d != nil {
		// The agent takes every byte as it is.
		p.trim(varTenant, d.Tenant)
		p.trim(varTenantToken, d.TenantToken)
		p.trim(varConnectionPoint, d.ConnectionPoint)
	}
	if zone := p.networkZone(s); zone != p.user.get(varNetworkZone) {
		p.env.set(varNetworkZone, zone)
	}
	for i := 0; i+1 < len(s.Defaults); i += 2 {
		p.env.preset(s.Defaults[i], s.Defaults[i+1])
	}
	p.storage(agentDir + "/log")
	list := preload(p.settings.Preload, p.user.get(varPreload))
	p.env.set(varPreload, list)
	p.plan.Log.debug("set " + varPreload + "=" + list)
	p.plan.Monitored = true
}

// trim changes a variable that holds white space beside its value.
func (p *planner) trim(name, v string) {
	if p.user.get(name) != v {
		p.env.set(name, v)
	}
}

// networkZone is the user's, else the source's, else that of the build.
func (p *planner) networkZone(s *Source) string {
	for _, zone := range []string{p.user.trimmed(varNetworkZone), s.NetworkZone, p.settings.NetworkZone} {
		if zone != "" {
			return zone
		}
	}
	return ""
}
