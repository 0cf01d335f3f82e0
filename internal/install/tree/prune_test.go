package tree

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPruneKeepsTheAgentOnly(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{"dynatrace/oneagent/agent", "dynatrace/installer-log", "other/deep"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, p), 0o755))
	}
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, Prune(root))
	require.DirExists(t, filepath.Join(dir, "dynatrace/oneagent/agent"))
	require.NoDirExists(t, filepath.Join(dir, "dynatrace/installer-log"))
	require.NoDirExists(t, filepath.Join(dir, "other"))

	empty, err := os.OpenRoot(t.TempDir())
	require.NoError(t, err)
	defer empty.Close()
	require.ErrorContains(t, Prune(empty), "left no folder dynatrace/oneagent")
}
