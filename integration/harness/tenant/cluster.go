package tenant

import (
	"net/url"
	"os/exec"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// NewCluster starts a stand-in cluster for one test.
func NewCluster(t testing.TB) *cluster.Server {
	t.Helper()
	srv := cluster.New(cluster.Options{})
	require.NoError(t, srv.Start(""))
	t.Cleanup(func() { _ = srv.Close() })
	t.Logf("stand-in cluster with seed %d", srv.Seed())
	return srv
}

// New starts a cluster with one environment.
func New(t testing.TB, opts ...cluster.EnvironmentOption) *cluster.Environment {
	t.Helper()
	return NewCluster(t).AddEnvironment(opts...)
}

// Host returns host and port of an environment's API.
func Host(t testing.TB, env *cluster.Environment) string {
	t.Helper()
	u, err := url.Parse(env.APIURL())
	require.NoError(t, err)
	return u.Host
}

// Downloads counts the downloads of installers.
func Downloads(env *cluster.Environment) int { return env.Count(cluster.EndpointInstaller) }

// Install runs an installer's script as its vendor means it, and returns the
// prefix that it installed into.
func Install(t testing.TB, script string) string {
	t.Helper()
	prefix := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "/bin/sh", script, prefix).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return prefix
}
