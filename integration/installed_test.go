package integration

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// installedAgent runs an installer as its vendor means it, and returns the
// prefix.
func installedAgent(t *testing.T, script string) string {
	t.Helper()
	prefix := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "/bin/sh", script, prefix).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return prefix
}

// addFolder notes every file below dir.
func (h haystack) addFolder(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		dt, err := os.ReadFile(name)
		h.add(name, dt, 0)
		return err
	}))
}
