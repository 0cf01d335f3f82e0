package daemon

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/testenv"
)

func TestAKilledDaemonsStepsEnd(t *testing.T) {
	d := New(t, Options{Registry: testenv.Registry(t)})
	dir, step := t.TempDir(), "sleep 1000."+strconv.Itoa(os.Getpid())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM busybox:1.37-musl\nRUN "+step+"\n"), 0o600))
	cmd := d.Command(t.Context(), "buildx", "build", "--progress=plain", "--output=type=cacheonly", dir)
	require.NoError(t, cmd.Start())
	runs := func() bool {
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		require.NoError(t, err)
		for _, name := range lines {
			dt, _ := os.ReadFile(name)
			if strings.Contains(string(dt), strings.ReplaceAll(step, " ", "\x00")) {
				return true
			}
		}
		return false
	}
	require.Eventually(t, runs, time.Minute, 20*time.Millisecond)
	other := withTheMachinesMounts(t, d)
	d.Kill()
	require.Error(t, cmd.Wait())
	require.Eventually(t, func() bool { return !runs() }, 10*time.Second, 20*time.Millisecond)
	require.NoError(t, other.Process.Signal(syscall.SIGTERM))
	require.EqualError(t, other.Wait(), "signal: terminated", "another's process was killed")
}

// withTheMachinesMounts starts a process in a mount namespace of its own, as
// the first process of a container is before its root is changed.
func withTheMachinesMounts(t *testing.T, d *Daemon) *exec.Cmd {
	cmd := exec.Command("sleep", "1000") //nolint:noctx // the test ends it
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it may have ended
	mounts, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/mountinfo")
	require.NoError(t, err)
	require.Contains(t, string(mounts), d.Dir()+"/", "control: the step's root is among them")
	return cmd
}
