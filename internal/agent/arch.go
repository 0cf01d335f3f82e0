package agent

import (
	"runtime"
	"slices"
)

// Arch is a processor architecture as the Deployment API calls it.
type Arch string

// The architectures that have a OneAgent for Linux containers.
const (
	ArchX86   Arch = "x86"
	ArchARM   Arch = "arm"
	ArchPPCLE Arch = "ppcle"
	ArchS390  Arch = "s390"
)

// architecture is one of them by all its names.
type architecture struct {
	arch Arch
	// platform is the name that Go, OCI and Docker have for it.
	platform string
	// machine is what uname -m prints.
	machine string
	// elf is e_machine in the header of a file that was compiled for it, and
	// bigEndian the byte order there. Every agent has 64 bits.
	elf       uint16
	bigEndian bool
	// glibc and musl are the paths of the dynamic loaders, which are part of each
	// C library's ABI.
	glibc, musl string
	// libDir is Debian's directory for libraries below /lib, one of the values
	// of $LIB.
	libDir string
	// both says that there is an agent of [FlavorMultidistro].
	both bool
}

// architectures is the one table. What is not in it has no OneAgent. It is an
// array of constants, which costs the start of a container nothing.
//
// The directories in agent/bin are not in it: those of other architectures than
// x86 are not documented; see [PlatformFlavor].
//
// Source: the mapping of the vendor's operator, pkg/arch, for the names; elf.h;
// the ABI of each C library.
var architectures = [...]architecture{
	{
		arch: ArchX86, platform: "amd64", machine: "x86_64", elf: 62,
		glibc: "/lib64/ld-linux-x86-64.so.2", musl: "/lib/ld-musl-x86_64.so.1", libDir: "x86_64-linux-gnu", both: true,
	},
	{
		arch: ArchARM, platform: "arm64", machine: "aarch64", elf: 183,
		glibc: "/lib/ld-linux-aarch64.so.1", musl: "/lib/ld-musl-aarch64.so.1", libDir: "aarch64-linux-gnu", both: true,
	},
	{
		arch: ArchPPCLE, platform: "ppc64le", machine: "ppc64le", elf: 21,
		glibc: "/lib64/ld64.so.2", musl: "/lib/ld-musl-powerpc64le.so.1", libDir: "powerpc64le-linux-gnu",
	},
	{
		arch: ArchS390, platform: "s390x", machine: "s390x", elf: 22, bigEndian: true,
		glibc: "/lib/ld64.so.1", musl: "/lib/ld-musl-s390x.so.1", libDir: "s390x-linux-gnu",
	},
}

// row returns the table's row for a, or an empty one.
func (a Arch) row() architecture {
	i := slices.IndexFunc(architectures[:], func(r architecture) bool { return r.arch == a })
	if i < 0 {
		return architecture{}
	}
	return architectures[i]
}

// ArchOf returns the architecture that Go, OCI and Docker call platform, as in
// amd64. It returns "" if that has no OneAgent.
func ArchOf(platform string) Arch {
	i := slices.IndexFunc(architectures[:], func(r architecture) bool { return r.platform == platform })
	if i < 0 {
		return ""
	}
	return architectures[i].arch
}

// Platforms returns the names that Go, OCI and Docker have for the architectures
// with a OneAgent, sorted.
func Platforms() []string {
	out := make([]string, len(architectures))
	for i, r := range architectures {
		out[i] = r.platform
	}
	slices.Sort(out)
	return out
}

// Platform returns the name that Go, OCI and Docker have for a. An unknown
// architecture keeps its own.
func (a Arch) Platform() string {
	if r := a.row(); r.platform != "" {
		return r.platform
	}
	return string(a)
}

// Foreign returns what uname -m prints on a machine of architecture a, or "" if
// the running program is compiled for it or a is unknown.
func (a Arch) Foreign() string {
	if r := a.row(); r.platform != runtime.GOARCH {
		return r.machine
	}
	return ""
}

// ELF returns e_machine and the byte order in the header of a file that was
// compiled for a. The machine is 0 for an unknown architecture.
func (a Arch) ELF() (machine uint16, bigEndian bool) {
	r := a.row()
	return r.elf, r.bigEndian
}

// Loaders returns the paths of the dynamic loaders of a. They are empty for an
// unknown architecture.
func (a Arch) Loaders() (glibc, musl string) {
	r := a.row()
	return r.glibc, r.musl
}

// HasMultidistro reports whether there is an agent of [FlavorMultidistro] for a.
func (a Arch) HasMultidistro() bool { return a.row().both }
