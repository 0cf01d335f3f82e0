package daemon

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/moby/sys/mountinfo"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/testenv"
)

// build runs a step that says that it was run, on the daemon.
func build(t *testing.T, d *Daemon) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM busybox:1.37-musl\nRUN echo was-\"run\"\n"), 0o600))
	cmd := exec.CommandContext(t.Context(), "buildx", "build", "--progress=plain", "--output=type=cacheonly", dir)
	cmd.Env = append(os.Environ(), d.Env()...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func TestADaemonHasItsOwnCacheAndKeepsIt(t *testing.T) {
	d := New(t, Options{Registry: testenv.Registry(t), Debug: true})
	require.Contains(t, build(t, d), "was-run")
	require.Contains(t, string(d.Log()), "level=debug")
	d.Stop()
	d.Start()
	require.NotContains(t, build(t, d), "was-run", "from the cache")
	d.Kill()
	d.Start()
	require.NotContains(t, build(t, d), "was-run", "from the cache")
	d.Prune()
	require.Contains(t, build(t, d), "was-run")
	require.Contains(t, build(t, New(t, Options{Registry: testenv.Registry(t)})), "was-run", "another has nothing")
}

func TestNothingIsLeftOfADaemon(t *testing.T) {
	address := testenv.Registry(t)
	var dir string
	var pid int
	t.Run("life", func(t *testing.T) {
		d := New(t, Options{Registry: address})
		dir, pid = d.Dir(), d.process.cmd.Process.Pid
		require.DirExists(t, d.Root())
	})
	require.NoDirExists(t, dir)
	points, err := mountinfo.GetMounts(mountinfo.PrefixFilter(dir))
	require.NoError(t, err)
	require.Empty(t, points)
	require.NoDirExists(t, fmt.Sprintf("/proc/%d", pid))
}
