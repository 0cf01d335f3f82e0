package start

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/untrusted/elf"
)

const (
	varPreload     = agent.VarPreload
	preloadFile    = agent.PreloadFile
	processLibrary = agent.ProcessLibrary
)

// errSwitchedOff is about a switch that nobody turned who starts the container.
var errSwitchedOff = errors.New("the image itself sets " + agent.VarActive + "=false, which switches the agent off: set it to true when the container starts")

// switchedOff honours the agent's own kill switch. The error says that it is the
// image's: whoever starts the container may not know of it.
func (p *planner) switchedOff() (bool, error) {
	v := p.user.get(agent.VarActive)
	switch {
	case !agent.IsOff(v):
		return false, nil
	case p.settings.Sets(agent.VarActive, v):
		return true, errSwitchedOff
	}
	p.plan.Log.debug(agent.VarActive + "=false: the app starts without the agent")
	return true, nil
}

// injected reports whether somebody else has seen to the agent, as the
// vendor's operator does. A second one in the same process would break both. A
// library that is not there gets into no process: one line says so.
func (p *planner) injected() bool {
	if p.options.force {
		return false
	}
	for _, l := range p.preloads() {
		for _, lib := range agent.ProcessLibraries(l.list) {
			if p.isOwn(lib) {
				continue
			}
			if p.isThere(lib) {
				p.plan.Log.debug(l.where + " names " + processLibrary + " already: nothing is added (DT_START_FORCE=true overrides)")
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

// isOwn reports whether a library is the image's own. Whoever names it, the agent
// needs its details.
func (p *planner) isOwn(lib string) bool { return path.Clean(lib) == p.settings.Preload }

// isThere reports whether the loader would find a library.
func (p *planner) isThere(lib string) bool {
	return slices.ContainsFunc(agent.LibraryPaths(lib, p.user.get("LD_LIBRARY_PATH")), p.isBinary)
}

// isBinary reports whether a file begins as a program or a library does.
func (p *planner) isBinary(name string) bool {
	info, err := p.in.Files.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := p.in.Files.Open(name)
	if err != nil {
		// It cannot be read as this user: nobody can tell.
		return true
	}
	defer f.Close()
	head := make([]byte, len(elf.Magic))
	_, err = f.ReadAt(head, 0)
	return err == nil && string(head) == elf.Magic
}

// withoutMissing returns a list for the loader without an agent's libraries that
// are not there: the loader would print an error about them for each process.
// A list that has none stays as it is, and so does every list with
// DT_START_FORCE.
func (p *planner) withoutMissing(list string) string {
	if p.options.force {
		return list
	}
	var rest []string
	all := agent.Libraries(list)
	for _, lib := range all {
		if path.Base(lib) != processLibrary || p.isOwn(lib) || p.isThere(lib) {
			rest = append(rest, lib)
		}
	}
	if len(rest) == len(all) {
		return list
	}
	return strings.Join(rest, ":")
}

// preload appends the agent's library to a list that does not name it yet, as
// the vendor's own wrapper and operator do: the user's libraries keep their
// place.
func preload(lib, list string) string {
	named := agent.Libraries(list)
	switch {
	case len(named) == 0:
		return lib
	case slices.Contains(named, lib):
		return list
	}
	return list + ":" + lib
}

// inImage returns nil where the build left the agent.
func (p *planner) inImage() error {
	if _, err := p.in.Files.Stat(p.settings.Preload); err != nil {
		return fmt.Errorf("the agent's library %s is not in the image: %w", p.settings.Preload, cause(err))
	}
	return nil
}

// loadable returns nil where the agent's library can be loaded by the app or,
// the app itself being static, by what it may start. A loader that is not made
// for the library prints an error for every process, and musl's ends it.
func (p *planner) loadable() error {
	s := p.settings
	pf, known := platformOf(s.Arch)
	if !known {
		return fmt.Errorf("the image's settings name no architecture of an agent (%q)", string(s.Arch))
	}
	exe := inspect(p.in.Files, p.plan.Path)
	switch {
	case exe == nil || exe.elf.Interp == "":
		want, found := loaders(p.in.Files, pf, s.Flavor)
		if found {
			return nil
		}
		return fmt.Errorf("there is no loader in the image that could load the agent (%s, for %s)", strings.Join(want, " or "), libc(s.Flavor))
	case exe.elf.Machine != pf.machine || exe.elf.Bits != 64 || exe.elf.LittleEndian != pf.little:
		return fmt.Errorf("%s is made for another processor than the agent (%s, 64 bits)", exe.path, s.Arch)
	case !loads(exe.elf.Interp, s.Flavor):
		return fmt.Errorf("%s is linked against %s, the agent in the image is for %s: build it with another flavor", exe.path, exe.elf.Interp, libc(s.Flavor))
	case loads(exe.elf.Interp, agent.FlavorDefault) && exists(p.in.Files, agent.Gcompat):
		return fmt.Errorf("%s runs on musl by way of gcompat, which no agent supports", exe.path)
	}
	return nil
}
