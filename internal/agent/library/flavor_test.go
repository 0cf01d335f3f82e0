package library

import (
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestParts_Flavor(t *testing.T) {
	t.Parallel()
	const glibc, musl = "linux-x86-64", "linux-musl-x86-64"
	for name, tt := range map[string]struct {
		parts   Parts
		want    agent.Flavor
		accepts []agent.Flavor
	}{
		"nothing":                {Parts{}, "", []agent.Flavor{"default", "musl", "multidistro"}},
		"modules":                {Parts{Platforms: []string{glibc}}, "default", []agent.Flavor{"default"}},
		"modules for both":       {Parts{Platforms: []string{glibc, musl}}, "multidistro", []agent.Flavor{"default", "musl", "multidistro"}},
		"library":                {Parts{Library: "musl"}, "musl", []agent.Flavor{"musl", "multidistro"}},
		"library before modules": {Parts{Library: "default", Platforms: []string{glibc, musl}}, "default", []agent.Flavor{"default", "multidistro"}},
		"library and others":     {Parts{Library: "default", Platforms: []string{musl}}, "default", []agent.Flavor{"default"}},
		"two libraries":          {Parts{Library: "default", Musl: true}, "multidistro", []agent.Flavor{"default", "multidistro"}},
		"two, of which one says": {Parts{Musl: true}, "multidistro", []agent.Flavor{"default", "musl", "multidistro"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.parts.Flavor())
			var accepts []agent.Flavor
			for _, asked := range []agent.Flavor{"default", "musl", "multidistro"} {
				if checkFlavor(tt.parts, agent.Spec{Flavor: asked}) == nil {
					accepts = append(accepts, asked)
				}
			}
			require.Equal(t, tt.accepts, accepts)
		})
	}
}

func TestFlavorOf_GoesByTheCLibrary(t *testing.T) {
	t.Parallel()
	for lib, want := range map[string]agent.Flavor{
		"libc.so.6": "default", "libc.so": "musl", "libc.musl-x86_64.so.1": "musl", "libc.so.7": "", "libm.so.6": "", "libc.musl": "",
	} {
		require.Equal(t, want, FlavorOf([]string{"libdl.so.2", lib}), lib)
	}
	require.Empty(t, FlavorOf(nil))
}
