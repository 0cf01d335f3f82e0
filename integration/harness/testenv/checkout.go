package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Checkout returns the repository's root directory.
func Checkout(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		above := filepath.Dir(dir)
		require.NotEqual(t, dir, above, "there is no go.mod above the test")
		dir = above
	}
}

// Example returns the directory of an example that people are shown.
func Example(t testing.TB, name string) string {
	t.Helper()
	return filepath.Join(Checkout(t), "examples", name)
}

// Command runs a program with further variables, and returns all that it prints.
func Command(t testing.TB, env []string, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
