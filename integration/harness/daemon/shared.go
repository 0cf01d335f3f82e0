package daemon

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// PruneShared empties the storage of the daemon that all tests share.
func PruneShared(t testing.TB) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "buildctl", "prune", "--all").CombinedOutput()
	require.NoError(t, err, "%s", out)
}
