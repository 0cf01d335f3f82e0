package start

import (
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/elf"
)

// platform is what an agent's architecture means in files.
type platform struct {
	machine elf.Machine
	little  bool
	// glibc and musl are the loaders' paths, which are part of each ABI.
	glibc, musl string
}

// platformOf is a switch, since a map would be built at every start.
func platformOf(a agent.Arch) (platform, bool) {
	switch a {
	case agent.ArchX86:
		return platform{elf.MachineX86_64, true, "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"}, true
	case agent.ArchARM:
		return platform{elf.MachineAArch64, true, "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"}, true
	case agent.ArchPPCLE:
		return platform{elf.MachinePPC64, true, "/lib64/ld64.so.2", "/lib/ld-musl-powerpc64le.so.1"}, true
	case agent.ArchS390:
		return platform{elf.MachineS390, false, "/lib/ld64.so.1", "/lib/ld-musl-s390x.so.1"}, true
	}
	return platform{}, false
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

// gcompat lets musl run programs made for glibc. It comes with a loader of
// glibc's name, which is not one that an agent for glibc can live with.
const gcompat = "/lib/libgcompat.so.0"

// loaders returns the paths of the loaders that fit an agent, and whether one
// of them is in the root file system.
func loaders(files Files, pf platform, f agent.Flavor) (want []string, found bool) {
	exists := func(name string) bool {
		_, err := files.Stat(name)
		return err == nil
	}
	if f != agent.FlavorMusl {
		want = append(want, pf.glibc)
		found = exists(pf.glibc) && !exists(gcompat)
	}
	if f == agent.FlavorMusl || f == agent.FlavorMultidistro {
		want = append(want, pf.musl)
		found = found || exists(pf.musl)
	}
	return want, found
}
