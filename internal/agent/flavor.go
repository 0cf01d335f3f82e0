package agent

import (
	"slices"
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

// GlibcWord is the other word that users have for [FlavorDefault].
const GlibcWord = "glibc"

// FlavorWords returns the words that users have for flavors.
func FlavorWords() []string {
	return []string{string(FlavorDefault), GlibcWord, string(FlavorMusl), string(FlavorMultidistro)}
}

// ParseFlavor returns the flavor that users call word, and whether there is one.
func ParseFlavor(word string) (Flavor, bool) {
	if word == GlibcWord {
		return FlavorDefault, true
	}
	f := Flavor(word)
	return f, slices.Contains(Flavors, f)
}

// FlavorFor returns the flavor for one C library or for both. It returns "" for
// neither.
func FlavorFor(glibc, musl bool) Flavor {
	switch {
	case glibc && musl:
		return FlavorMultidistro
	case glibc:
		return FlavorDefault
	case musl:
		return FlavorMusl
	}
	return ""
}

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
