package tree

import (
	"debug/elf"
	"fmt"
	"os"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// machines are the ELF machines of the Deployment API's architectures.
var machines = map[agent.Arch]elf.Machine{
	agent.ArchX86:   elf.EM_X86_64,
	agent.ArchARM:   elf.EM_AARCH64,
	agent.ArchPPCLE: elf.EM_PPC64,
	agent.ArchS390:  elf.EM_S390,
}

// checkLibrary compares the preload library with what was asked for: a library
// of the wrong kind breaks every program that it is preloaded into.
func checkLibrary(root *os.Root, name string, spec agent.Spec) error {
	f, err := root.Open(name)
	if err != nil {
		return fmt.Errorf("the agent has no preload library: %w", err)
	}
	defer f.Close()
	lib, err := elf.NewFile(f)
	if err != nil {
		return fmt.Errorf("the agent's preload library %s is no ELF file", name)
	}
	if want := machines[spec.Arch]; lib.Machine != want {
		return fmt.Errorf("the cluster sent an agent for %s, but one for %s (%s) was asked for", lib.Machine, spec.Arch, want)
	}
	needed, err := lib.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("reading the agent's preload library %s: %w", name, err)
	}
	if libc := libcOf(needed); libc != "" && spec.Flavor != agent.FlavorMultidistro && libc != spec.Flavor {
		return fmt.Errorf("the cluster sent an agent of flavor %s, but %s was asked for", libc, spec.Flavor)
	}
	return nil
}

// libcOf tells the flavor by the C library that a library needs, or "" where it
// names none.
func libcOf(needed []string) agent.Flavor {
	for _, lib := range needed {
		switch {
		case lib == "libc.so.6":
			return agent.FlavorDefault
		case lib == "libc.so", strings.HasPrefix(lib, "libc.musl-"):
			return agent.FlavorMusl
		}
	}
	return ""
}
