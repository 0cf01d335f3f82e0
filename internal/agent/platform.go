package agent

import "runtime"

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
