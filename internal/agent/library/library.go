// Package library checks an agent's preload library: one of the wrong kind
// breaks every program that it is preloaded into.
package library

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/untrusted/elf"
)

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
		return fmt.Errorf("the agent's preload library %s is not an ELF file", name)
	}
	machine, _ := spec.Arch.ELF()
	if want := elf.Machine(machine); lib.Machine != want {
		return fmt.Errorf("this is an agent for %s, but one for %s (%s) was asked for", lib.Machine, spec.Arch, want)
	}
	needed, err := elf.Needed(f)
	if err != nil {
		return fmt.Errorf("reading the agent's preload library %s: %w", name, err)
	}
	return checkFlavor(FlavorOf(needed), TreeFlavor(root), spec)
}

// checkFlavor compares what a library needs and what a tree holds, each of which
// may tell nothing, with the agent that was asked for.
func checkFlavor(lib, tree agent.Flavor, spec agent.Spec) error {
	told := tree
	if lib != "" && spec.Flavor != agent.FlavorMultidistro {
		// The library decides which programs can load it.
		told = lib
	}
	// There are technologies with code modules for one C library alone.
	partial := spec.Flavor == agent.FlavorMultidistro && len(spec.Include) > 0
	if told == "" || told == agent.FlavorMultidistro || told == spec.Flavor || partial {
		return nil
	}
	return fmt.Errorf("this is an agent of flavor %s, but %s was asked for", told, spec.Flavor)
}

// TreeFlavor tells the flavor of the agent in root by the platforms that it has
// code modules for, or "" where none tells it. The vendor's preload library is
// one for both C libraries.
//
// Source: agent/bin/<version> and agent/bin of the vendor's agents;
// agent/libmusl64 of older agents for both.
func TreeFlavor(root *os.Root) agent.Flavor {
	var flavors []agent.Flavor
	if st, err := root.Stat(muslLibrary); err == nil && st.Mode().IsRegular() {
		flavors = append(flavors, agent.FlavorMusl)
	}
	for _, name := range list(root, "agent/bin") {
		flavors = append(flavors, agent.PlatformFlavor(name))
		for _, platform := range list(root, path.Join("agent/bin", name)) {
			flavors = append(flavors, agent.PlatformFlavor(platform))
		}
	}
	return Together(flavors)
}

// muslLibrary is the preload library for musl where it is not the only one.
const muslLibrary = "agent/libmusl64/liboneagentproc.so"

// Together returns the flavor of an agent that has parts of several.
func Together(flavors []agent.Flavor) agent.Flavor {
	glibc := slices.Contains(flavors, agent.FlavorDefault)
	musl := slices.Contains(flavors, agent.FlavorMusl)
	switch {
	case glibc && musl:
		return agent.FlavorMultidistro
	case glibc:
		return agent.FlavorDefault
	case musl:
		return agent.FlavorMusl
	}
	return ""
}

// list returns the names of the directories in a directory. One that cannot be
// read tells nothing.
func list(root *os.Root, dir string) []string {
	entries, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
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
