package start

import (
	"fmt"

	"github.com/org/dt-frontend/internal/agent"
)

// apply writes what the agent needs into the app's environment. What the user
// set for the agent stays, but for the details and the preload list.
func (p *planner) apply(s *Source, d *Details) {
	if s.Details == nil {
		p.env.set(varTenant, d.Tenant)
		p.env.set(varTenantToken, d.TenantToken)
		p.env.set(varConnectionPoint, d.ConnectionPoint)
		p.plan.Log.debug(fmt.Sprintf("set %s=%s %s=*** %s=%s", varTenant, d.Tenant, varTenantToken, varConnectionPoint, d.ConnectionPoint))
	}
	if s.NetworkZone != "" && p.user.trimmed(varNetworkZone) == "" {
		p.env.set(varNetworkZone, s.NetworkZone)
	}
	for i := 0; i+1 < len(s.Defaults); i += 2 {
		p.env.preset(s.Defaults[i], s.Defaults[i+1])
	}
	p.storage()
	list := preload(p.settings.Preload, p.user.get(varPreload))
	p.env.set(varPreload, list)
	p.plan.Log.debug("set " + varPreload + "=" + list)
}

// logDir is where the agent writes; a build makes it writable for everybody.
const logDir = agent.Dir + "/log"

// storage finds the agent another place to write to on a read-only root, and
// where there is none has it log to stderr.
func (p *planner) storage() {
	if p.user.get("DT_STORAGE") != "" || p.user.get("DT_LOGSTREAM") != "" || p.in.Files.Writable(logDir) {
		return
	}
	for _, dir := range []string{p.user.get("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm"} {
		if dir != "" && p.in.Files.Writable(dir) {
			p.env.set("DT_STORAGE", dir)
			p.plan.Log.debug(logDir + " is read-only: set DT_STORAGE=" + dir)
			return
		}
	}
	p.env.set("DT_LOGSTREAM", "stderr")
	p.plan.Log.debug("nothing is writable: set DT_LOGSTREAM=stderr")
}
