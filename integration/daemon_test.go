package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// daemonConfig is that of a daemon of a test's own: its folder, the registry,
// and what the test adds to the worker and to the whole.
const daemonConfig = `root = "%[1]s/root"
%[4]s
[grpc]
  address = ["unix://%[1]s/sock"]
[otel]
  socketPath = "%[1]s/otel.sock"
[cdi]
  disabled = true
[worker.oci]
  enabled = true
  snapshotter = "overlayfs"
%[3]s
[worker.containerd]
  enabled = false
[registry."docker.io"]
  mirrors = ["%[2]s"]
[registry."%[2]s"]
  http = true
`

// daemon starts a buildkitd of the test's own, with nothing in its cache. It
// returns the environment by which clients reach it.
func daemon(t *testing.T, worker, top string) []string {
	t.Helper()
	reg := registry(t)
	dir, err := os.MkdirTemp("", "dt-buildkitd-") //nolint:usetesting // the kernel's limit for a socket's path is 107 bytes
	require.NoError(t, err)
	config := filepath.Join(dir, "buildkitd.toml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, daemonConfig, dir, reg, worker, top), 0o600))
	var log lockedBuffer
	cmd := exec.Command("buildkitd", "--config", config)
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		// Its exit code tells only that it was asked to end.
		_ = cmd.Wait()
		require.NoError(t, os.RemoveAll(dir))
		if t.Failed() {
			t.Logf("buildkitd wrote:\n%s", log.String())
		}
	})
	env := []string{
		"BUILDKIT_HOST=unix://" + dir + "/sock", "BUILDX_CONFIG=" + dir + "/buildx", "BUILDX_BUILDER=own",
	}
	require.Eventually(t, func() bool {
		_, err := command(t, env, "buildctl", "debug", "workers")
		return err == nil
	}, 60*time.Second, 100*time.Millisecond, "buildkitd answers")
	out, err := command(t, env, "buildx", "create", "--name=own", "--driver=remote", "unix://"+dir+"/sock")
	require.NoError(t, err, out)
	return env
}

// command runs a command-line client in an environment.
func command(t testing.TB, env []string, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
