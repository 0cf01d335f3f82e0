package agent

import (
	"runtime"
	"strings"
)

// Flavor says which C libraries an agent is made for.
type Flavor string

// The flavors of the Deployment API.
const (
	FlavorDefault     Flavor = "default" // glibc
	FlavorMusl        Flavor = "musl"
	FlavorMultidistro Flavor = "multidistro" // both
)

// Flavors are all of them.
var Flavors = []Flavor{FlavorDefault, FlavorMusl, FlavorMultidistro}

// PlatformFlavor returns the flavor of an agent's files for one platform, which
// the vendor names as in linux-x86-64, linux-musl-x86-64 and linux-x86-32. It is
// empty for 32 bits, and for what is not a platform of Linux.
//
// Source: the directories in agent/bin/<version> and the keys in manifest.json
// of the vendor's agents. Those of other architectures are not documented.
func PlatformFlavor(name string) Flavor {
	switch {
	case !strings.HasPrefix(name, "linux-") || strings.HasSuffix(name, "-32"):
		return ""
	case strings.Contains(name, "musl"):
		return FlavorMusl
	}
	return FlavorDefault
}

// Arch is a processor architecture as the Deployment API calls it.
type Arch string

// The architectures that have a OneAgent for Linux containers.
const (
	ArchX86   Arch = "x86"
	ArchARM   Arch = "arm"
	ArchPPCLE Arch = "ppcle"
	ArchS390  Arch = "s390"
)

// Architectures maps Go's and OCI's names of an architecture to the Deployment
// API's. What is not in it has no OneAgent.
//
// Source: the mapping of the vendor's operator, pkg/arch.
var Architectures = map[string]Arch{
	"amd64":   ArchX86,
	"arm64":   ArchARM,
	"ppc64le": ArchPPCLE,
	"s390x":   ArchS390,
}

// machines are what uname -m says on a machine of each architecture.
var machines = map[Arch]string{
	ArchX86:   "x86_64",
	ArchARM:   "aarch64",
	ArchPPCLE: "ppc64le",
	ArchS390:  "s390x",
}

// Foreign returns the architecture as uname -m calls it, or nothing if it is
// that of the running program.
func (a Arch) Foreign() string {
	if a == Architectures[runtime.GOARCH] {
		return ""
	}
	return machines[a]
}
