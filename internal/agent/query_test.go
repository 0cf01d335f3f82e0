package agent

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuery_IsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for text, spec := range map[string]Spec{
		"x86/default":             {Arch: "x86", Flavor: "default"},
		"arm/musl/1.2":            {Arch: "arm", Flavor: "musl", Version: "1.2"},
		"s390/default/1.2/pinned": {Arch: "s390", Flavor: "default", Version: "1.2", Pinned: true},
	} {
		require.Equal(t, text, spec.Query())
		read, err := ParseQuery(text)
		require.NoError(t, err)
		require.Equal(t, spec, read)
	}
}

// The digest is the download's: whoever asks need only know that there is one.
func TestQuery_HoldsNoDigest(t *testing.T) {
	t.Parallel()
	spec := Spec{Arch: "x86", Flavor: "default", Version: "1.2", Pinned: true, Checksum: "sha256:x"}
	require.Equal(t, "x86/default/1.2/pinned", spec.Query())
	spec.Pinned = false
	require.Equal(t, "x86/default/1.2", spec.Query())
}

func TestParseQuery_RefusesOtherForms(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "x86", "x86/default/1.2/x", "x86/default/1.2/", "x86/default/1.2/pinned/x"} {
		_, err := ParseQuery(text)
		require.ErrorContains(t, err, "is not of the form arch/flavor[/version[/pinned]]", text)
	}
}
