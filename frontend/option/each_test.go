package option

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each key sets one thing, and is written as it was read.
func TestParse_SetsEachKey(t *testing.T) {
	digest := digestOf("8")
	for text, want := range map[string]Options{
		"mode=off":                          {Mode: ModeOff},
		"version=1.305.152.20241113-104505": {Version: "1.305.152.20241113-104505"},
		"agent=a.invalid/b:1":               {Agent: "a.invalid/b:1"},
		"checksum=" + digest:                {Checksums: Pins{{Digest: digest}}},
		"layer=" + digest:                   {Layers: Pins{{Digest: digest}}},
		"installer=paas":                    {Archive: true},
		"include=java":                      {Include: []string{"java"}},
		"include=auto":                      {IncludeAuto: true},
		"flavor=musl":                       {Flavor: "musl"},
		"preload=env":                       {PreloadEnv: true},
		"config=merge":                      {Config: true},
		"fips=on":                           {FIPS: true},
		"network-zone=a":                    {NetworkZone: "a"},
		"host-group=a":                      {HostGroup: "a"},
		"stages=a,b":                        {Stages: []string{"a", "b"}},
		"on-error=skip":                     {SkipError: true},
		"on-missing-secret=skip":            {SkipMissingSecret: true},
		"on-unsupported=skip":               {SkipUnsupported: true},
		"image-trust=refuse":                {ImageTrust: TrustRefuse},
		"image-trust=allow":                 {ImageTrust: TrustAllow},
		"app-secrets=warn":                  {AppSecrets: true},
	} {
		var got Options
		require.NoError(t, Parse(text, &got), text)
		require.Equal(t, want, got, text)
		name, value, _ := strings.Cut(text, "=")
		k, err := find(name)
		require.NoError(t, err)
		require.Equal(t, value, k.get(&got), text)
	}
}

// A list is not taken where one value is.
func TestParse_RefusesAListWhereThereIsOneValue(t *testing.T) {
	for _, text := range []string{"network-zone=a,b", "host-group=a,b", "mode=build,off", "flavor=musl,default", "on-error=skip,fail", "agent=a,b"} {
		require.Error(t, Parse(text, &Options{}), text)
	}
}

func TestMerge_LocksTheStagesWithTheMode(t *testing.T) {
	for enforced, want := range map[string]bool{"flavor": false, "mode": true, "stages": true, "": false} {
		_, _, err := Merge([]Source{{Name: "image"}, {Name: "user", Text: "stages=a"}}, enforced)
		require.Equal(t, want, err != nil, enforced)
	}
}

func TestSettings_SayWhatAKeyTakes(t *testing.T) {
	said := map[string]string{}
	for _, s := range new(Options).Settings() {
		said[s.Name] = s.Description
	}
	require.Equal(t, "the agent's version: latest, an exact one, such as 1.305.152.20241113-104505", said["version"])
	require.Equal(t, "the agent's FIPS mode: off, on", said["fips"])
	require.Equal(t, "the network zone, where the container is not given one: a name", said["network-zone"])
}
