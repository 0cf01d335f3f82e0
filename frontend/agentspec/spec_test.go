package agentspec

import (
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestSpecFor(t *testing.T) {
	for arch, want := range map[string]agent.Arch{"amd64": "x86", "arm64": "arm", "ppc64le": "ppcle", "s390x": "s390"} {
		spec, err := For(ocispecs.Platform{OS: "linux", Architecture: arch}, option.Options{})
		require.NoError(t, err)
		require.Equal(t, want, spec.Arch)
	}
	for _, p := range []ocispecs.Platform{
		{OS: "windows", Architecture: "amd64"},
		{OS: "linux", Architecture: "riscv64"},
		{OS: "linux", Architecture: "arm", Variant: "v7"},
	} {
		_, err := For(p, option.Options{})
		require.ErrorContains(t, err, "build for one of linux/amd64, linux/arm64, linux/ppc64le, linux/s390x")
	}
}

func TestSpecsForNamesEachOnce(t *testing.T) {
	p := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	targets := []ocispecs.Platform{p, p, {OS: "linux", Architecture: "arm64"}}
	specs, err := All(targets, option.Options{Flavor: agent.FlavorMusl, Include: []string{"java"}}, false)
	require.NoError(t, err)
	require.Equal(t, []agent.Spec{
		{Arch: agent.ArchX86, Flavor: agent.FlavorMusl, Include: []string{"java"}},
		{Arch: agent.ArchARM, Flavor: agent.FlavorMusl, Include: []string{"java"}},
	}, specs)

	// Which flavor fits is known later.
	specs, err = All(targets, option.Options{}, false)
	require.NoError(t, err)
	require.Len(t, specs, 6)
}

// The cluster need not be asked for a version whose digest is known, and the
// digest itself is for the download alone: which flavor it will be is not known
// before.
func TestSpecs_PinnedByADigest(t *testing.T) {
	t.Parallel()
	amd64 := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	o := option.Options{Version: "1.2", Checksums: option.Pins{
		{Arch: "x86", Flavor: "default", Digest: "sha256:a"}, {Arch: "x86", Flavor: "musl", Digest: "sha256:b"},
	}}
	specs, err := All([]ocispecs.Platform{amd64}, o, false)
	require.NoError(t, err)
	var asks []string
	for _, spec := range specs {
		require.Empty(t, spec.Checksum)
		asks = append(asks, spec.Query())
	}
	require.Equal(t, []string{"x86/default/1.2/pinned", "x86/musl/1.2/pinned", "x86/multidistro/1.2/pinned"}, asks)

	spec := agent.Spec{Arch: "x86", Flavor: "musl", Version: "1.2"}
	require.NoError(t, Pin(&spec, o))
	require.Equal(t, "sha256:b", spec.Checksum)
	require.True(t, spec.Pinned)
	spec.Flavor = "multidistro"
	require.ErrorContains(t, Pin(&spec, o), "add amd64/multidistro@sha256:…")

	spec = agent.Spec{}
	require.NoError(t, Pin(&spec, option.Options{}))
	require.Equal(t, agent.Spec{}, spec)
}
