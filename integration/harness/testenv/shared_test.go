package testenv

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What several tests share is made once, and ends with the program.
func TestShared_OutlastsTheTest(t *testing.T) {
	var made, ended int
	s := Share(func(t testing.TB) string {
		made++
		t.Cleanup(func() { ended++ })
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
		return dir
	})
	var dir string
	t.Run("first", func(t *testing.T) { dir = s.Get(t) })
	t.Run("second", func(t *testing.T) { require.Equal(t, dir, s.Get(t)) })
	require.Equal(t, 1, made)
	require.Zero(t, ended)
	require.FileExists(t, filepath.Join(dir, "file"))
	st, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), st.Mode().Perm(), "other users read it")
	end()
	require.Equal(t, 1, ended)
	require.NoDirExists(t, dir)
}
