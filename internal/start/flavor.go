package start

import (
	"fmt"

	"github.com/org/dt-frontend/internal/agent"
)

// chooseFlavor finds the agent that fits the root file system, where the build
// did not say which.
func (p *planner) chooseFlavor() error {
	s := p.settings
	if s.Flavor != "" {
		return nil
	}
	pf, known := platformOf(s.Arch)
	if !known {
		// What is wrong with it is said elsewhere.
		return nil
	}
	glibc, musl := p.libcs(pf)
	// Some architectures have no agent for both.
	s.Flavor = agent.FlavorFor(glibc, musl && (!glibc || s.Arch.HasMultidistro()))
	if s.Flavor == "" {
		return fmt.Errorf("there is no loader in the image that could load an agent (%s for glibc, %s for musl)", pf.glibc, pf.musl)
	}
	p.plan.Log.debug("the agent for this root file system is of flavor " + string(s.Flavor))
	return nil
}

// libcs tells which C libraries the root file system has; the app may bring
// its own.
func (p *planner) libcs(pf platform) (glibc, musl bool) {
	glibc, musl = hasGlibc(p.in.Files, pf), exists(p.in.Files, pf.musl)
	if exe := inspect(p.in.Files, p.plan.Path); exe != nil && exe.elf.Interp != "" {
		glibc = glibc || loads(exe.elf.Interp, agent.FlavorDefault)
		musl = musl || loads(exe.elf.Interp, agent.FlavorMusl)
	}
	return glibc, musl
}
