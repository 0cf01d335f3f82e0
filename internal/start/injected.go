package start

import (
	"errors"
	"fmt"

	"github.com/org/dt-frontend/internal/agent"
)

// errSwitchedOff is about a switch that nobody turned who starts the container.
var errSwitchedOff = errors.New("the image itself sets " + agent.VarActive + "=false, which switches the agent off: set it to true when the container starts")

// errOff is about a switch that whoever starts the container has turned.
var errOff = errors.New(agent.VarActive + "=false switches the agent off")

// switchedOff honours the agent's own kill switch. The error tells whether it is
// the image's: whoever starts the container may not know of it.
func (p *planner) switchedOff() error {
	v := p.user.get(agent.VarActive)
	switch {
	case !agent.IsOff(v):
		return nil
	case p.settings.Sets(agent.VarActive, v):
		return errSwitchedOff
	}
	p.plan.Log.debug(agent.VarActive + "=false: the app starts without the agent")
	return errOff
}

// isInjected reports whether somebody else has seen to the agent, as the
// vendor's operator does. A second one in the same process would break both. A
// library that is not there gets into no process: one line says so.
func (p *planner) isInjected() bool {
	if p.options.force {
		return false
	}
	for _, l := range p.preloads() {
		for _, lib := range agent.ProcessLibraries(l.list) {
			if p.isOwn(lib) {
				continue
			}
			if p.isThere(lib) {
				p.injected = l.where + " names " + processLibrary + " already: nothing is added (" + varForce + "=true overrides)"
				p.plan.Log.debug(p.injected)
				p.plan.Monitored = true
				return true
			}
			p.plan.Log.add(levelWarn, fmt.Sprintf("%s names %s, which does not exist: it is ignored, and the agent of dt-start is used", l.where, lib))
		}
	}
	return false
}

// preloadList is a list of libraries for the loader, and where it is from.
type preloadList struct{ where, list string }

// preloads returns the lists that the app's loader reads.
func (p *planner) preloads() []preloadList {
	out := []preloadList{{varPreload, p.user.get(varPreload)}}
	b, err := read(p.in.Files, preloadFile, maxSettings)
	if err != nil {
		return out
	}
	list := agent.WithoutComments(string(b))
	if len(agent.ProcessLibraries(list)) > 0 && !p.isMusl() {
		out = append(out, preloadList{preloadFile, list})
	}
	return out
}

// isMusl reports whether the app's loader is musl's, which reads no file with a
// list.
func (p *planner) isMusl() bool {
	exe := inspect(p.in.Files, p.plan.Path)
	return exe != nil && loads(exe.elf.Interp, agent.FlavorMusl)
}
