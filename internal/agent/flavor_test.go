package agent

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseFlavor_TakesTheWordsOfUsers(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]Flavor{
		"default": "default", "glibc": "default", "musl": "musl", "multidistro": "multidistro",
	} {
		f, ok := ParseFlavor(word)
		require.True(t, ok, word)
		require.Equal(t, want, f)
	}
	for _, word := range []string{"", "auto", "Musl", "glibc ", "uclibc"} {
		_, ok := ParseFlavor(word)
		require.False(t, ok, word)
	}
	require.Equal(t, []string{"default", "glibc", "musl", "multidistro"}, FlavorWords())
}

func TestFlavorFor_OneOrBoth(t *testing.T) {
	t.Parallel()
	require.Equal(t, Flavor("multidistro"), FlavorFor(true, true))
	require.Equal(t, Flavor("default"), FlavorFor(true, false))
	require.Equal(t, Flavor("musl"), FlavorFor(false, true))
	require.Empty(t, FlavorFor(false, false))
}

func TestPlatformFlavor_ReadsTheVendorsNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Flavor{
		"linux-x86-64": "default", "linux-musl-x86-64": "musl", "linux-x86-32": "", "linux-musl-x86-32": "",
		"linux-arm-64": "default", "windows-x86-64": "", "current": "", "": "",
	} {
		require.Equal(t, want, PlatformFlavor(name), name)
	}
}
