package option

import (
	"github.com/org/dt-frontend/internal/agent"
)

// Mode says where the agent comes from when the container starts.
type Mode string

// The modes.
const (
	ModeBuild   Mode = agent.ModeBuild   // it is in the image
	ModeRuntime Mode = agent.ModeRuntime // the start helper installs it
	ModeOff     Mode = "off"             // there is none
)

// Options are a build's settings. The zero value has every default.
type Options struct {
	Mode Mode
	// Version is exact, or empty for the environment's target version.
	Version string
	// Include names technologies; empty means all.
	Include []string
	// IncludeAuto says that they are those that the app's image holds.
	IncludeAuto bool
	// Flavor is empty for the one that fits the app's root file system.
	Flavor agent.Flavor
	// NetworkZone is empty for none.
	NetworkZone string
	// Stages are those that get the agent; empty means every target.
	Stages []string
	// SkipUnsupported builds the app alone for a platform without OneAgent.
	SkipUnsupported bool
}

// technologies are those that the Deployment API documents for `include`.
var technologies = []string{
	"apache", "dotnet", "envoy", "go", "java", "java-graal-native", "nginx",
	"nodejs", "php", "python", "ruby", "sdk",
}

// What is done where something cannot be.
const (
	fail = "fail"
	skip = "skip"
)

// auto leaves a choice to what is in the app's image.
const auto = "auto"

// key is one word that can be set.
type key struct {
	name string
	// values are the words that it takes, the default first; none for free
	// text.
	values []string
	// list says that several may be given, separated by commas.
	list bool
	// alone lists words that stand for the whole of a list.
	alone []string
	// check tests free text and says what is expected.
	check func(string) error
	set   func(o *Options, values []string)
}

// keys is the one table that parsing, errors and documentation come from.
var keys = []key{
	{
		name: "mode", values: []string{string(ModeBuild), string(ModeRuntime), string(ModeOff)},
		set: func(o *Options, v []string) { o.Mode = Mode(v[0]) },
	},
	{
		name: "version", check: checkVersion,
		set: func(o *Options, v []string) {
			if o.Version = v[0]; v[0] == latest {
				o.Version = ""
			}
		},
	},
	{
		name: "include", values: append([]string{"all", auto}, technologies...), list: true, alone: []string{auto},
		set: func(o *Options, v []string) { o.Include, o.IncludeAuto = include(v), v[0] == auto },
	},
	{
		name: "flavor", values: []string{auto, "default", "glibc", "musl", "multidistro"},
		set: func(o *Options, v []string) { o.Flavor = flavor(v[0]) },
	},
	{
		name: "network-zone", check: checkZone,
		set: func(o *Options, v []string) { o.NetworkZone = v[0] },
	},
	{
		// Which stages there are is known to the Dockerfile alone.
		name: "stages", list: true,
		set: func(o *Options, v []string) { o.Stages = v },
	},
	{
		name: "on-unsupported", values: []string{fail, skip},
		set: func(o *Options, v []string) { o.SkipUnsupported = v[0] == skip },
	},
}

// Keys returns the names of what can be set.
func Keys() []string {
	out := make([]string, len(keys))
	for i := range keys {
		out[i] = keys[i].name
	}
	return out
}

func flavor(word string) agent.Flavor {
	switch word {
	case auto:
		return ""
	case "glibc":
		return agent.FlavorDefault
	}
	return agent.Flavor(word)
}
