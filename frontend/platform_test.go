package frontend

import (
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestSpecFor(t *testing.T) {
	for arch, want := range map[string]agent.Arch{"amd64": "x86", "arm64": "arm", "ppc64le": "ppcle", "s390x": "s390"} {
		spec, err := specFor(ocispecs.Platform{OS: "linux", Architecture: arch}, option.Options{})
		require.NoError(t, err)
		require.Equal(t, want, spec.Arch)
	}
	for _, p := range []ocispecs.Platform{
		{OS: "windows", Architecture: "amd64"},
		{OS: "linux", Architecture: "riscv64"},
		{OS: "linux", Architecture: "arm", Variant: "v7"},
	} {
		_, err := specFor(p, option.Options{})
		require.ErrorContains(t, err, "build for one of linux/amd64, linux/arm64, linux/ppc64le, linux/s390x")
	}
}

func TestSpecsForNamesEachOnce(t *testing.T) {
	p := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	targets := []ocispecs.Platform{p, p, {OS: "linux", Architecture: "arm64"}}
	specs, err := specsFor(targets, option.Options{Flavor: agent.FlavorMusl, Include: []string{"java"}})
	require.NoError(t, err)
	require.Equal(t, []agent.Spec{
		{Arch: agent.ArchX86, Flavor: agent.FlavorMusl, Include: []string{"java"}},
		{Arch: agent.ArchARM, Flavor: agent.FlavorMusl, Include: []string{"java"}},
	}, specs)

	// Which flavor fits is known later.
	specs, err = specsFor(targets, option.Options{})
	require.NoError(t, err)
	require.Len(t, specs, 6)
}
