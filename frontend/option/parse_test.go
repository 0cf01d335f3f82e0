package option

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

var digestA = "sha256:" + strings.Repeat("a", 64)

func TestParse(t *testing.T) {
	tests := map[string]Options{
		"":                              {},
		" ; ":                           {},
		"mode=runtime":                  {Mode: ModeRuntime},
		" include = java , nginx ; ":    {Include: []string{"java", "nginx"}},
		"include=nginx,java,nginx":      {Include: []string{"java", "nginx"}},
		"include=java,all":              {},
		"flavor=glibc":                  {Flavor: agent.FlavorDefault},
		"flavor=auto":                   {},
		"include=auto":                  {IncludeAuto: true},
		"stages=app, test":              {Stages: []string{"app", "test"}},
		"on-unsupported=skip":           {SkipUnsupported: true},
		"preload=env; fips=on":          {PreloadEnv: true, FIPS: true},
		"agent=org/oneagent@" + digestA: {Agent: "org/oneagent@" + digestA},
		"installer=paas":                {Archive: true},
		"checksum=" + digestA:           {Checksums: Pins{{Digest: digestA}}},
		"layer=amd64/glibc@" + digestA + ",arm64/musl@" + digestA: {Layers: Pins{
			{agent.ArchX86, agent.FlavorDefault, digestA}, {agent.ArchARM, agent.FlavorMusl, digestA},
		}},
		"preload=entrypoint;fips=off": {},
		"flavor=musl;version=latest":  {Flavor: agent.FlavorMusl},
		"image-trust=refuse":          {ImageTrust: TrustRefuse},
		"image-trust=warn":            {},
		"app-secrets=warn":            {AppSecrets: true},
		"app-secrets=refuse":          {},
		"host-group=My.Group_1-x":     {HostGroup: "My.Group_1-x"},
		"version=1.305.152.20241113-104505;network-zone=a.b_c-d;mode=off": {
			Version: "1.305.152.20241113-104505", NetworkZone: "a.b_c-d", Mode: ModeOff,
		},
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			var got Options
			require.NoError(t, Parse(text, &got))
			require.Equal(t, want, got)
		})
	}
}

func TestParse_IgnoresComments(t *testing.T) {
	for text, want := range map[string]Options{
		"# pinned by the platform team":             {},
		"#mode=runtime":                             {},
		"\t# mode=runtime; include=java":            {},
		"include=java # mode=runtime":               {Include: []string{"java"}},
		"include=java\t#; mode=runtime":             {Include: []string{"java"}},
		"include=java;# mode=runtime":               {Include: []string{"java"}},
		"mode=runtime; # not that: # include=java;": {Mode: ModeRuntime},
	} {
		t.Run(text, func(t *testing.T) {
			var got Options
			require.NoError(t, Parse(text, &got))
			require.Equal(t, want, got)
		})
	}
	require.ErrorContains(t, Parse("network-zone=a#b", &Options{}), "network-zone", "a sign within a word does not begin a comment")
}

func TestParseMergesKeyByKey(t *testing.T) {
	o := Options{}
	require.NoError(t, Parse("mode=runtime;include=java;flavor=musl", &o))
	require.NoError(t, Parse("include=auto", &o))
	require.NoError(t, Parse("include=all;version=1.305.152.20241113-104505", &o))
	require.Equal(t, Options{Mode: ModeRuntime, Flavor: agent.FlavorMusl, Version: "1.305.152.20241113-104505"}, o)
}

func TestParseErrors(t *testing.T) {
	tests := map[string]string{
		"modes=off":                              `unknown option "modes": expected one of mode, version, agent, checksum, layer, installer, include, flavor, preload, config, fips, network-zone, host-group, stages, on-error, on-missing-secret, on-unsupported, image-trust, app-secrets (did you mean mode?)`,
		"mode=buld":                              `unknown value for mode "buld": expected one of build, runtime, off (did you mean build?)`,
		"mode":                                   `"mode" is no option: expected key=value, separated by semicolons`,
		"mode=":                                  "mode has an empty value",
		"include=java,":                          "include has an empty value",
		"include=auto,java":                      "include=auto takes no other values beside it",
		"include=jva":                            `(did you mean java?)`,
		"mode=off;mode=off":                      "mode is set twice",
		"version=1.305":                          `version: "1.305" is no version: expected latest, or an exact one such as 1.305.152.20241113-104505`,
		"agent=A B":                              `agent: "A B" is no image`,
		"checksum=sha256:abc":                    `checksum: "sha256:abc" is no digest: expected sha256: and 64 hexadecimal digits`,
		"layer=amd/musl@" + digestA:              `layer: unknown architecture "amd": expected one of amd64, arm64, ppc64le, s390x (did you mean amd64?)`,
		"layer=amd64/msl@" + digestA:             `(did you mean musl?)`,
		"host-group=a b":                         `invalid host-group "a b": expected letters`,
		"host-group=dt.x":                        `invalid host-group "dt.x": expected`,
		"host-group=DT.x":                        `invalid host-group "DT.x": expected`,
		"host-group=" + strings.Repeat("x", 101): `at most 100`,
		"network-zone=a b":                       `"a b" is no network zone`,
		"include=java nginx":                     `unknown value for include "java nginx"`,
		"flavor=alpine":                          "expected one of auto, default, glibc, musl, multidistro",
		"mode=runtime;flavour=":                  `(did you mean flavor?)`,
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			o := Options{NetworkZone: "before"}
			require.ErrorContains(t, Parse(text, &o), want)
			require.Equal(t, Options{NetworkZone: "before"}, o, "nothing is half set")
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("mode=runtime;include=java,nginx")
	f.Fuzz(func(t *testing.T, text string) {
		var o Options
		if Parse(text, &o) != nil {
			require.Zero(t, o)
		}
	})
}

func TestMerge(t *testing.T) {
	image := Source{"the image", "include=java;mode=runtime"}
	o, from, err := Merge([]Source{image, {"directive", "include=nginx"}, {"arg", "flavor=musl"}}, "mode, version")
	require.NoError(t, err)
	require.Equal(t, Options{
		Mode: ModeRuntime, Include: []string{"nginx"}, Flavor: agent.FlavorMusl, Enforced: []string{"mode", "stages", "version"},
	}, o)
	require.True(t, o.IsEnforced("stages"), "a stage that is not among them has mode=off")
	require.True(t, from.Is("directive", "flavor", "include"))
	require.False(t, from.Is("directive", "flavor"), "the arg has the last word")
	require.False(t, from.Is("directive", "mode", "version"))

	for text, want := range map[string]string{
		"mode=off":       "directive: mode is set by the frontend image, which does not let it be changed",
		"stages=x":       "directive: stages is set by the frontend image",
		"version=latest": "directive: version is set by the frontend image",
		"x=y":            "directive: unknown option",
	} {
		_, _, err := Merge([]Source{image, {"directive", text}}, "mode,version")
		var se *SourceError
		require.ErrorAs(t, err, &se)
		require.Equal(t, "directive", se.Source.Name)
		require.ErrorContains(t, err, want)
	}
	// Each may be right by itself: the last one is to blame.
	_, _, err = Merge([]Source{image, {"directive", "preload=env"}, {"arg", "flavor=musl"}}, "")
	require.ErrorContains(t, err, "directive: preload=env needs the agent in the image")
	_, _, err = Merge([]Source{{"the image", "preload=env"}, {"directive", "mode=runtime"}}, "")
	require.ErrorContains(t, err, "directive: preload=env needs")
	_, _, err = Merge([]Source{{"the image", "config=merge"}, {"directive", "mode=runtime"}}, "")
	require.ErrorContains(t, err, "directive: config=merge needs the agent in the image: it cannot be had with mode=runtime")
	_, _, err = Merge([]Source{{"the image", "mode=runtime"}, {"directive", "host-group=a"}}, "")
	require.ErrorContains(t, err, "directive: host-group needs the agent in the image: mode=runtime cannot have it")
	_, _, err = Merge([]Source{image, {"directive", "preload=env"}, {"arg", "mode=build"}}, "")
	require.NoError(t, err)

	for text, want := range map[string]string{
		"checksum=" + digestA:                                    "checksum needs an exact version",
		"layer=" + digestA + "," + digestA:                       "layer has several digests: say which agent each is for",
		"layer=amd64/musl@" + digestA + ",amd64/musl@" + digestA: "layer has two digests for amd64/musl",
	} {
		_, _, err = Merge([]Source{image, {"directive", text}}, "")
		require.ErrorContains(t, err, "directive: "+want)
	}

	_, _, err = Merge([]Source{image}, "mod")
	require.ErrorContains(t, err, `the image: enforced keys: unknown option "mod"`)
}
