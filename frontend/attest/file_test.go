package attest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHashFile_HashesTheWholeFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "dt-start")
	require.NoError(t, os.WriteFile(name, []byte("abc"), 0o600))
	got, err := hashFile(name)
	require.NoError(t, err)
	require.Equal(t, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", got)
	for _, broken := range []string{name + "-lost", filepath.Dir(name)} {
		got, err = hashFile(broken)
		require.ErrorContains(t, err, "reading the start helper")
		require.Empty(t, got)
	}
}
