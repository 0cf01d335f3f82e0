package start

import (
	"debug/elf"
	"fmt"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

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
	case exe.elf.Machine != pf.machine || exe.elf.Class != elf.ELFCLASS64 || exe.elf.Data != pf.data:
		return fmt.Errorf("%s is made for another processor than the agent (%s, 64 bits)", exe.path, s.Arch)
	case !loads(exe.elf.Interp, s.Flavor):
		return fmt.Errorf("%s is linked against %s, the agent in the image is for %s: build it with another flavor", exe.path, exe.elf.Interp, libc(s.Flavor))
	case loads(exe.elf.Interp, agent.FlavorDefault) && exists(p.in.Files, agent.Gcompat):
		return fmt.Errorf("%s runs on musl by way of gcompat, which no agent supports", exe.path)
	}
	return nil
}
