package integration

import (
	"os"
	"os/exec"
	"testing"

	"github.com/org/dt-frontend/integration/harness/daemon"
)

// newBuilder starts a buildkitd of the test's own, with nothing in its cache.
func newBuilder(t testing.TB, o daemon.Options) *daemon.Daemon {
	t.Helper()
	o.Registry = registry(t)
	return daemon.New(t, o)
}

// command runs a command-line client in an environment.
func command(t testing.TB, env []string, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
