package library

import (
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// MuslLibrary is the preload library for musl, relative to the agent's directory,
// of an agent that has another for glibc.
//
// Source: older agents of the vendor for both C libraries.
const MuslLibrary = "agent/libmusl64/" + agent.ProcessLibrary

// Parts are what tells the flavor of an agent.
type Parts struct {
	// Library is the flavor of the library that is preloaded, as [FlavorOf]
	// returns it. The vendor's newer library is one for both C libraries, and
	// tells nothing.
	Library agent.Flavor
	// Musl says that there is [MuslLibrary].
	Musl bool
	// Platforms are the names of the directories in [agent.ModulesDir], and in the
	// directories there. Names that are not a platform's are ignored.
	Platforms []string
}

// Flavor returns the flavor of an agent, or "" if nothing tells it. A library
// that is the only one has more to say than the code modules: it decides which
// programs can load it.
func (p Parts) Flavor() agent.Flavor {
	if p.Library == "" || p.Musl {
		return p.modules()
	}
	return p.Library
}

// modules returns the flavor of the code modules and of the second library.
func (p Parts) modules() agent.Flavor {
	// Where there is a library for musl alone the other one is glibc's.
	glibc, musl := p.Musl, p.Musl
	for _, name := range p.Platforms {
		switch agent.PlatformFlavor(name) {
		case agent.FlavorDefault:
			glibc = true
		case agent.FlavorMusl:
			musl = true
		}
	}
	return agent.FlavorFor(glibc, musl)
}

// partsOf returns the parts of the agent in root, whose library is of flavor lib.
func partsOf(root *os.Root, lib agent.Flavor) Parts {
	p := Parts{Library: lib}
	st, err := root.Stat(MuslLibrary)
	p.Musl = err == nil && st.Mode().IsRegular()
	for _, name := range list(root, agent.ModulesDir) {
		p.Platforms = append(p.Platforms, name)
		p.Platforms = append(p.Platforms, list(root, path.Join(agent.ModulesDir, name))...)
	}
	return p
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
