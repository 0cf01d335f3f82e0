// Package library checks an agent's preload library: one of the wrong kind
// breaks every program that it is preloaded into.
package library

import (
	"fmt"
	"os"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/elf"
)

// machineOf returns the ELF machine of an architecture, or zero. It is a
// switch, since a map would be built at every start of a container.
func machineOf(a agent.Arch) elf.Machine {
	switch a {
	case agent.ArchX86:
		return elf.MachineX86_64
	case agent.ArchARM:
		return elf.MachineAArch64
	case agent.ArchPPCLE:
		return elf.MachinePPC64
	case agent.ArchS390:
		return elf.MachineS390
	}
	return 0
}

// Check compares the library called name, which lies in root, with the agent
// that was asked for.
func Check(root *os.Root, name string, spec agent.Spec) error {
	f, err := root.Open(name)
	if err != nil {
		return fmt.Errorf("the agent has no preload library: %w", err)
	}
	defer f.Close()
	lib, err := elf.Read(f)
	if err != nil {
		return fmt.Errorf("the agent's preload library %s is no ELF file", name)
	}
	if want := machineOf(spec.Arch); lib.Machine != want {
		return fmt.Errorf("this is an agent for %s, but one for %s (%s) was asked for", lib.Machine, spec.Arch, want)
	}
	needed, err := elf.Needed(f)
	if err != nil {
		return fmt.Errorf("reading the agent's preload library %s: %w", name, err)
	}
	if libc := FlavorOf(needed); libc != "" && spec.Flavor != agent.FlavorMultidistro && libc != spec.Flavor {
		return fmt.Errorf("this is an agent of flavor %s, but %s was asked for", libc, spec.Flavor)
	}
	return nil
}

// FlavorOf tells the flavor by the C library that a library needs, or "" where it
// names none.
func FlavorOf(needed []string) agent.Flavor {
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
