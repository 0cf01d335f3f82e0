package option

import (
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// Names of the keys that are spoken of elsewhere.
const (
	keyMode     = "mode"
	keyVersion  = "version"
	keyChecksum = "checksum"
	keyLayer    = "layer"
	keyPreload  = "preload"
	keyConfig   = "config"
	keyGroup    = "host-group"
	keyStages   = "stages"
)

// Names of the keys that say which agent it is.
const (
	KeyInclude = "include"
	KeyFlavor  = "flavor"
)

// Words that several keys take.
const (
	auto = "auto" // leaves a choice to what is in the app's image
	on   = "on"
	off  = "off"
	fail = "fail"
	skip = "skip"

	warn   = "warn"
	refuse = "refuse"

	// latest is the environment's target version.
	latest = "latest"
)

// word is one value of a key, and what it means where that needs to be said.
type word struct{ name, about string }

// key is one thing that can be set.
type key struct {
	name string
	// about says what it is.
	about string
	// words are those that it takes, the default first; none for free text.
	words []word
	// text says which free text it takes.
	text string
	// list says that several may be given, separated by commas.
	list bool
	// alone lists words that stand for the whole of a list.
	alone []string
	// check tests free text and says what is expected.
	check func(string) error
	set   func(o *Options, values []string)
	// get returns what to write to have what o has.
	get func(o *Options) string
}

// keys is the one table that parsing, errors, the outline and docs/options.md
// come from.
var keys = slices.Concat(agentKeys, guards)

// agentKeys are the keys that say which agent an image gets, and how.
var agentKeys = []key{
	{
		name: keyMode, about: "where the agent comes from",
		words: []word{
			{string(ModeBuild), "it is in the image"},
			{string(ModeRuntime), "the image holds the start helper alone, which installs the agent when the container starts; to build it needs no secret"},
			{string(ModeOff), "the image is what any other frontend makes of the Dockerfile"},
		},
		set: func(o *Options, v []string) { o.Mode = Mode(v[0]) },
		get: func(o *Options) string { return orElse(string(o.Mode), string(ModeBuild)) },
	},
	{
		name: keyVersion, about: "the agent's version", check: checkVersion,
		words: []word{{latest, "the environment's target version"}},
		text:  "an exact one, such as `1.305.152.20241113-104505`",
		set:   func(o *Options, v []string) { o.Version = unless(v[0], latest) },
		get:   func(o *Options) string { return orElse(o.Version, latest) },
	},
	{
		name: "agent", about: "an [agent image](agent-images.md) to take the agent from instead of the cluster, unless a build context names another",
		text: "an image, as `registry.example.com/oneagent@sha256:…`", check: checkImage,
		set: func(o *Options, v []string) { o.Agent = v[0] },
		get: func(o *Options) string { return o.Agent },
	},
	{
		name: keyChecksum, about: "the digest that the installer has to have, with an exact version",
		text: "`sha256:…`, or a list of `amd64/default@sha256:…`", list: true, check: checkPin,
		set: func(o *Options, v []string) { o.Checksums = pins(v) },
		get: func(o *Options) string { return o.Checksums.String() },
	},
	{
		name: keyLayer, about: "the digest that the agent layer has to have, as in the label `com.dynatrace.oneagent.layer`",
		text: "`sha256:…`, or a list of `amd64/default@sha256:…`", list: true, check: checkPin,
		set: func(o *Options, v []string) { o.Layers = pins(v) },
		get: func(o *Options) string { return o.Layers.String() },
	},
	{
		name: "installer", about: "the vendor's installer that is taken",
		words: []word{
			{"paas-sh", "the shell script, which is run by busybox as nobody without a network"},
			{"paas", "the zip archive: nothing foreign is run"},
		},
		set: func(o *Options, v []string) { o.Archive = v[0] == "paas" },
		get: func(o *Options) string { return choice(o.Archive, "paas", "paas-sh") },
	},
	{
		name: KeyInclude, about: "the technologies that it monitors",
		words: append([]word{{agent.AllTechnologies, "every one there is"}, {auto, "what is on the PATH of the built image, or at the usual places"}},
			plain(agent.KnownTechnologies(""))...),
		list: true, alone: []string{auto},
		set: func(o *Options, v []string) {
			o.Include, o.IncludeAuto = nil, v[0] == auto
			if !o.IncludeAuto {
				o.Include = agent.NewTechnologies(v...)
			}
		},
		get: func(o *Options) string {
			if o.IncludeAuto {
				return auto
			}
			return o.Include.String()
		},
	},
	{
		name: KeyFlavor, about: "the C library that it is for",
		words: []word{
			{auto, "by the loaders in the image"},
			{string(agent.FlavorDefault), "glibc"},
			{agent.GlibcWord, "the same"},
			{string(agent.FlavorMusl), ""},
			{string(agent.FlavorMultidistro), "both"},
		},
		set: func(o *Options, v []string) { o.Flavor, _ = agent.ParseFlavor(unless(v[0], auto)) },
		get: func(o *Options) string { return orElse(string(o.Flavor), auto) },
	},
	{
		name: keyPreload, about: "what loads it into processes",
		words: []word{
			{"entrypoint", "the start helper sets `LD_PRELOAD` for the app and its children"},
			{"env", "`LD_PRELOAD` is in the image's environment, for those who replace the entrypoint; shells, health checks and whatever else runs in a container load it then, too"},
		},
		set: func(o *Options, v []string) { o.PreloadEnv = v[0] == "env" },
		get: func(o *Options) string { return choice(o.PreloadEnv, "env", "entrypoint") },
	},
	{
		name: keyConfig, about: "the environment's process-module configuration",
		words: []word{
			{off, "the agent keeps the installer's own settings"},
			{agent.ConfigMerge, "it is merged into the agent's, without what ties it to the environment, and has the last word; the label `com.dynatrace.oneagent.config` says so, since the image then carries one environment's policy; where it cannot be had the installer's own settings stay, with a warning"},
		},
		set: func(o *Options, v []string) { o.Config = v[0] == agent.ConfigMerge },
		get: func(o *Options) string { return choice(o.Config, agent.ConfigMerge, off) },
	},
	{
		name: "fips", about: "the agent's FIPS mode",
		words: []word{{off, ""}, {on, "it uses FIPS-validated cryptography only"}},
		set:   func(o *Options, v []string) { o.FIPS = v[0] == on },
		get:   func(o *Options) string { return choice(o.FIPS, on, off) },
	},
	{
		name: "network-zone", about: "the network zone, where the container is not given one", check: checkZone,
		text: "a name",
		set:  func(o *Options, v []string) { o.NetworkZone = v[0] },
		get:  func(o *Options) string { return o.NetworkZone },
	},
	{
		name: keyGroup, about: "the host group that the agent reports its hosts in, which is then in the image; with `config=merge` the configuration is that of the group", check: checkGroup,
		text: "a name",
		set:  func(o *Options, v []string) { o.HostGroup = v[0] },
		get:  func(o *Options) string { return o.HostGroup },
	},
	{
		// Which stages there are is known to the Dockerfile alone.
		name: keyStages, about: "the stages that get the agent when they are built (`--target`, or the last one), if not all; others are built as they are",
		text: "a list of names or numbers", list: true,
		set: func(o *Options, v []string) { o.Stages = v },
		get: func(o *Options) string { return strings.Join(o.Stages, ",") },
	},
	{
		name: "on-error", about: "what becomes of a build for which the agent cannot be had, as when the cluster is down",
		words: []word{
			{fail, "it fails"},
			{skip, "the app is built without the agent, with a warning and the label `com.dynatrace.oneagent.mode=off`, or keeps that of an instrumented base image; a digest, version or signature that does not fit still fails"},
		},
		set: func(o *Options, v []string) { o.SkipError = v[0] == skip },
		get: func(o *Options) string { return choice(o.SkipError, skip, fail) },
	},
	{
		name: "on-missing-secret", about: "what becomes of a build that was not given the secrets, as a fork's",
		words: []word{{fail, "it fails"}, {skip, "as with `on-error`"}},
		set:   func(o *Options, v []string) { o.SkipMissingSecret = v[0] == skip },
		get:   func(o *Options) string { return choice(o.SkipMissingSecret, skip, fail) },
	},
	{
		name: "on-unsupported", about: "what becomes of a platform without OneAgent",
		words: []word{
			{fail, "the build fails"},
			{skip, "as with `on-error`"},
		},
		set: func(o *Options, v []string) { o.SkipUnsupported = v[0] == skip },
		get: func(o *Options) string { return choice(o.SkipUnsupported, skip, fail) },
	},
}

// plain are words that need no explanation.
func plain(names []string) []word {
	out := make([]word, len(names))
	for i, n := range names {
		out[i].name = n
	}
	return out
}

func (k *key) wordNames() []string {
	out := make([]string, len(k.words))
	for i, w := range k.words {
		out[i] = w.name
	}
	return out
}

func choice(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// orElse returns s, or what stands for an empty one.
func orElse(s, empty string) string { return choice(s != "", s, empty) }

// unless returns s, or "" for the word that says so.
func unless(s, empty string) string { return choice(s != empty, s, "") }
