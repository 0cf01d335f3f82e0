package runc_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/runc"
)

// ignoring names the variable that tells this program that it has signals ignored
// from the beginning.
const ignoring = "DT_TEST_IGNORING"

func TestRun_IgnoresNoSignals(t *testing.T) {
	if os.Getenv(ignoring) == "" {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", `trap '' HUP INT; exec "$0" -test.run "^$1\$"`, os.Args[0], t.Name())
		cmd.Env = append(os.Environ(), ignoring+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return
	}
	dir := rootfs(t)
	// runc itself resets them where it is slow to start the container.
	for range 8 {
		c := run(t, runc.Spec{Rootfs: dir, Cmd: []string{"busybox", "grep", "^SigIgn:", "/proc/self/status"}})
		_, err := c.Wait()
		require.NoError(t, err)
		require.Equal(t, "SigIgn:\t0000000000000000\n", c.Stdout())
	}
}
