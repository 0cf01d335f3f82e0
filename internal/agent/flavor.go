package agent

import "strings"

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
