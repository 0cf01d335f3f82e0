// Package library checks an agent's preload library: one of the wrong kind
// breaks every program that it is preloaded into.
package library

import (
	"debug/elf"
	"fmt"
	"os"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/untrusted/elfhead"
)

// Check compares the library called name, which lies in root, with the agent
// that was asked for.
func Check(root *os.Root, name string, spec agent.Spec) error {
	f, err := root.Open(name)
	if err != nil {
		return fmt.Errorf("the agent has no preload library: %w", err)
	}
	defer f.Close()
	lib, err := elfhead.Read(f)
	if err != nil {
		return fmt.Errorf("the agent's preload library %s is not an ELF file", name)
	}
	machine, _ := spec.Arch.ELF()
	if want := elf.Machine(machine); lib.Machine != want {
		return fmt.Errorf("this is an agent for %s, but one for %s (%s) was asked for", lib.Machine, spec.Arch, want)
	}
	needed, err := elfhead.Needed(f)
	if err != nil {
		return fmt.Errorf("reading the agent's preload library %s: %w", name, err)
	}
	return checkFlavor(partsOf(root, FlavorOf(needed)), spec)
}

// checkFlavor compares an agent's parts, which may tell nothing, with the agent
// that was asked for.
func checkFlavor(parts Parts, spec agent.Spec) error {
	// The library decides which programs can load it, unless there are to be two.
	told := parts.Library
	if told == "" || spec.Flavor == agent.FlavorMultidistro {
		told = parts.modules()
	}
	// There are technologies with code modules for one C library alone.
	partial := spec.Flavor == agent.FlavorMultidistro && len(spec.Include) > 0
	if told == "" || told == agent.FlavorMultidistro || told == spec.Flavor || partial {
		return nil
	}
	return fmt.Errorf("this is an agent of flavor %s, but %s was asked for", told, spec.Flavor)
}
