package start

import (
	"debug/elf"
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// platform is what an agent's architecture means in files.
type platform struct {
	machine elf.Machine
	data    elf.Data
	// glibc and musl are the loaders' paths, which are part of each ABI.
	glibc, musl string
}

// platformOf reports false for an architecture that has no agent.
func platformOf(a agent.Arch) (platform, bool) {
	machine, bigEndian := a.ELF()
	pf := platform{machine: elf.Machine(machine), data: elf.ELFDATA2LSB}
	if bigEndian {
		pf.data = elf.ELFDATA2MSB
	}
	pf.glibc, pf.musl = a.Loaders()
	return pf, machine != 0
}

// libc says in words what a flavor is made for.
func libc(f agent.Flavor) string {
	switch f {
	case agent.FlavorMusl:
		return "musl"
	case agent.FlavorMultidistro:
		return "glibc and musl"
	}
	return "glibc"
}

// loads reports whether an executable's loader can load an agent of a flavor.
// Only the name counts: Nix and Guix have the same loaders at other places.
func loads(interp string, f agent.Flavor) bool {
	name := path.Base(interp)
	musl := strings.HasPrefix(name, "ld-musl-")
	glibc := !musl && (strings.HasPrefix(name, "ld-linux") || strings.HasPrefix(name, "ld64.so."))
	switch f {
	case agent.FlavorMusl:
		return musl
	case agent.FlavorMultidistro:
		return musl || glibc
	}
	return glibc
}

// loaders returns the paths of the loaders that fit an agent, and whether one
// of them is in the root file system.
func loaders(files Files, pf platform, f agent.Flavor) (want []string, found bool) {
	if f != agent.FlavorMusl {
		want = append(want, pf.glibc)
		found = hasGlibc(files, pf)
	}
	if f == agent.FlavorMusl || f == agent.FlavorMultidistro {
		want = append(want, pf.musl)
		found = found || exists(files, pf.musl)
	}
	return want, found
}

func hasGlibc(files Files, pf platform) bool {
	return exists(files, pf.glibc) && !exists(files, agent.Gcompat)
}

func exists(files Files, name string) bool {
	_, err := files.Stat(name)
	return err == nil
}
