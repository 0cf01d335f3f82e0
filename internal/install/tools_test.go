package install

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// An organisation's own frontend image may have files of its own.
func TestLinkTools(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, linkTools(root))
	for _, name := range []string{"bin", "usr"} {
		target, err := os.Readlink(filepath.Join(root, name))
		require.NoError(t, err)
		require.Equal(t, tools+"/"+name, target)
	}
	require.ErrorIs(t, linkTools(root), os.ErrExist, "there is no shell otherwise")

	root = t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "usr/share"), 0o755))
	require.NoError(t, linkTools(root))
	require.DirExists(t, filepath.Join(root, "usr/share"))
}
