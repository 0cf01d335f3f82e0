package integration

import (
	"os/exec"
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
