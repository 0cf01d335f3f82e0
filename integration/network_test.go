package integration

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// deafPlugin is a CNI plugin that connects a step with nobody.
const deafPlugin = `#!/bin/sh
[ "$CNI_COMMAND" = VERSION ] && exec echo '{"cniVersion":"0.4.0","supportedVersions":["0.3.1","0.4.0"]}'
exec echo '{"cniVersion":"0.4.0","interfaces":[],"ips":[]}'
`

// deafDaemon starts a daemon whose steps reach a network with --network=host
// alone.
func deafDaemon(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"deaf", "loopback"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(deafPlugin), 0o755))
	}
	config := filepath.Join(dir, "cni.json")
	require.NoError(t, os.WriteFile(config, []byte(`{"cniVersion":"0.4.0","name":"deaf","type":"deaf"}`), 0o644))
	return newBuilder(t, daemon.Options{
		Network: "cni",
		Worker:  "  cniConfigPath = \"" + config + "\"\n  cniBinaryPath = \"" + dir + "\"",
		Top:     "insecure-entitlements = [\"network.host\"]",
	}).Env()
}

// The agent's steps have the network that the build gives the app's.
func TestTheBuildsNetworkIsTheAgents(t *testing.T) {
	builder := deafDaemon(t)
	env := newEnvironment(t)
	app := request{dockerfile: smallApp, secrets: withSecrets(env), env: builder}
	r := buildFails(t, app)
	require.Contains(t, lastError(t, r), "dynatrace: cannot reach <host of DT_API_URL>: connect: network is unreachable")
	require.Empty(t, env.Requests())

	app.args = []string{"--network=host", "--allow=network.host"}
	build(t, app)
	require.Equal(t, 1, installers(env))
}

// Without a network there is no download: that is said at once. The modes
// without one, and single steps of the app, may have none.
func TestABuildWithoutANetwork(t *testing.T) {
	env := newEnvironment(t)
	r := buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: []string{"--network=none"}})
	require.Contains(t, lastError(t, r), "dynatrace: --network=none leaves no way to the cluster")
	require.Contains(t, r.output, ">>> # syntax=", "the line that asks for the agent is marked")
	require.NotContains(t, r.output, "ask the cluster", "nothing was tried")

	for _, mode := range []string{"runtime", "off"} {
		build(t, request{dockerfile: smallApp, args: append(withOptions("mode="+mode), "--network=none")})
	}
	connect := "bash -c 'exec 3<>/dev/tcp/" + strings.ReplaceAll(apiHost(t, env), ":", "/") + "'\n"
	build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN --network=none ! " + connect + "RUN " + connect,
		secrets:    withSecrets(env),
	})
}

// apiHost returns host and port of an environment's API.
func apiHost(t *testing.T, env *cluster.Environment) string {
	t.Helper()
	u, err := url.Parse(env.APIURL())
	require.NoError(t, err)
	return u.Host
}
