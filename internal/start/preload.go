package start

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

const (
	varPreload = "LD_PRELOAD"
	// preloadFile is glibc's list of libraries for every process.
	preloadFile = "/etc/ld.so.preload"
	// processLibrary is the name of the agent's library, wherever it lies.
	processLibrary = "liboneagentproc.so"
)

// switchedOff honours the agent's own kill switch.
func (p *planner) switchedOff() bool {
	if strings.ToLower(p.user.trimmed("DT_AGENTACTIVE")) != "false" {
		return false
	}
	p.plan.Log.debug("DT_AGENTACTIVE=false: the app starts without the agent")
	return true
}

// injected reports whether somebody else has seen to the agent, as the
// vendor's operator does. A second one in the same process would break both.
func (p *planner) injected() bool {
	if p.options.force {
		return false
	}
	where := varPreload
	if !p.namesAnother(p.user.get(varPreload)) {
		b, err := read(p.in.Files, preloadFile, maxSettings)
		if err != nil || !names(withoutComments(string(b))) {
			return false
		}
		where = preloadFile
	}
	p.plan.Log.debug(where + " names " + processLibrary + " already: nothing is added (DT_START_FORCE=true overrides)")
	p.plan.Monitored = true
	return true
}

// namesAnother reports whether the variable names an agent, other than the one
// that the image's own environment names since its build.
func (p *planner) namesAnother(list string) bool {
	if !p.settings.PreloadEnv {
		return names(list)
	}
	for _, lib := range libraries(list) {
		if lib != p.settings.Preload && names(lib) {
			return true
		}
	}
	return false
}

// names reports whether a list of libraries holds the agent's.
func names(list string) bool {
	for _, lib := range libraries(list) {
		if path.Base(lib) == processLibrary {
			return true
		}
	}
	return false
}

// libraries splits as ld.so(8) does: at colons and white space.
func libraries(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool {
		return c == ':' || c == ' ' || c == '\t' || c == '\n' || c == '\r'
	})
}

// withoutComments is for the file alone: # starts none in the variable.
func withoutComments(s string) string {
	if !strings.Contains(s, "#") {
		return s
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		line, _, _ = strings.Cut(line, "#")
		b.WriteString(line + "\n")
	}
	return b.String()
}

// preload appends the agent's library to a list that does not name it yet, as
// the vendor's own wrapper and operator do: the user's libraries keep their
// place.
func preload(lib, list string) string {
	named := libraries(list)
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
