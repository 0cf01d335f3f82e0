package agentspec

import (
	"strings"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestFor_TakesAllThatAnOptionAsks(t *testing.T) {
	spec, err := For(ocispecs.Platform{OS: "linux", Architecture: "arm64"}, option.Options{
		Version: "1.2", Flavor: "musl", Include: []string{"java"}, NetworkZone: "z", FIPS: true, Archive: true, Config: true, HostGroup: "g",
	})
	require.NoError(t, err)
	require.Equal(t, agent.Spec{
		Arch: "arm", Flavor: "musl", Include: []string{"java"}, Version: "1.2", NetworkZone: "z", FIPS: true, Archive: true, Config: true, HostGroup: "g",
	}, spec)
}

func TestAll_LeavesOutWhatHasNoAgent(t *testing.T) {
	targets := []ocispecs.Platform{{OS: "linux", Architecture: "riscv64"}, {OS: "windows", Architecture: "amd64"}, {OS: "linux", Architecture: "s390x"}}
	specs, err := All(targets, option.Options{Flavor: "default"}, true)
	require.NoError(t, err)
	require.Equal(t, []agent.Spec{{Arch: "s390", Flavor: "default"}}, specs)
	_, err = All(targets, option.Options{Flavor: "default"}, false)
	require.ErrorContains(t, err, "there is no OneAgent for linux/riscv64")
}

func TestCheckLayer_ComparesWithThePin(t *testing.T) {
	one, other := "sha256:"+strings.Repeat("1", 64), "sha256:"+strings.Repeat("9", 64)
	spec, in := agent.Spec{Arch: "arm", Flavor: "musl"}, agent.Installed{Version: "1.2", DiffID: one}
	for name, tt := range map[string]struct {
		pins option.Pins
		want string
	}{
		"no pin":      {nil, ""},
		"for any":     {option.Pins{{Digest: one}}, ""},
		"for it":      {option.Pins{{Arch: "x86", Flavor: "musl", Digest: other}, {Arch: "arm", Flavor: "musl", Digest: one}}, ""},
		"another":     {option.Pins{{Digest: other}}, "the agent layer (OneAgent 1.2, musl, arm) has the digest " + one + ", but layer says " + other},
		"for another": {option.Pins{{Arch: "x86", Flavor: "musl", Digest: one}}, "add arm64/musl@" + one + " once you trust it"},
	} {
		err := CheckLayer(spec, in, option.Options{Layers: tt.pins})
		if tt.want == "" {
			require.NoError(t, err, name)
			continue
		}
		var f *notice.Error
		require.ErrorAs(t, err, &f, name)
		require.Contains(t, f.Message, tt.want, name)
		require.Equal(t, agent.CausePin, f.Cause, "%s: no skip", name)
	}
	spec.Flavor = "default"
	var f *notice.Error
	require.ErrorAs(t, Pin(&spec, option.Options{Checksums: option.Pins{{Arch: "x86", Flavor: "musl", Digest: one}}}), &f)
	require.Equal(t, agent.CausePin, f.Cause)
}
