package version

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// with sets what the linker sets, for one test.
func with(t *testing.T, release string) {
	t.Helper()
	before := linked
	linked = release
	t.Cleanup(func() { linked = before })
}

func TestString(t *testing.T) {
	for release, want := range map[string]string{
		"v1.2.3": "v1.2.3", "1.2.3+build.5": "1.2.3+build.5", "b2e202b0c1d2-dirty": "b2e202b0c1d2-dirty",
		"v0.0.0-20261129133259-bb613b840439+dirty": "v0.0.0-20261129133259-bb613b840439+dirty",
		// A test has a module without a version.
		"": Unknown, "(devel)": Unknown, "1 2": Unknown, "1;x=y": Unknown, "1/2": Unknown, "1\n2": Unknown, "é": Unknown,
		strings.Repeat("1", maxLength+1): Unknown,
	} {
		with(t, release)
		require.Equal(t, want, String(), "%q", release)
	}
}

func TestUserAgent(t *testing.T) {
	with(t, "v1.2.3")
	require.Equal(t, "dt-start/v1.2.3", UserAgent("dt-start"))
	with(t, "")
	require.Equal(t, "dt-start", UserAgent("dt-start"))
}

func TestAdopt(t *testing.T) {
	with(t, "")
	for _, wrong := range []string{"", "a b", "a\r\nX-Header: b"} {
		Adopt(wrong)
		require.Equal(t, Unknown, String())
	}
	Adopt("v1.2.3")
	require.Equal(t, "v1.2.3", String())
	Adopt("v4.5.6")
	require.Equal(t, "v1.2.3", String(), "the first word counts")
}
