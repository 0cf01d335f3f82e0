package network

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/tenant"
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
	return daemon.New(t, daemon.Options{
		Network: "cni",
		Worker:  "  cniConfigPath = \"" + config + "\"\n  cniBinaryPath = \"" + dir + "\"",
		Top:     "insecure-entitlements = [\"network.host\"]",
	}).Env()
}

// The agent's steps have the network that the build gives the app's.
func TestNetwork_OfTheBuildIsTheAgents(t *testing.T) {
	builder := deafDaemon(t)
	env := tenant.New(t)
	app := buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Env: builder}
	r := buildx.Fails(t, app)
	require.Contains(t, buildx.LastError(t, r), "dynatrace: cannot reach <host of DT_API_URL>: connect: network is unreachable")
	require.Empty(t, env.Requests())

	app.Args = []string{"--network=host", "--allow=network.host"}
	buildx.Build(t, app)
	require.Equal(t, 1, tenant.Downloads(env))
}

// Without a network there is no download: that is said at once. The modes
// without one, and single steps of the app, may have none.
func TestNetwork_None(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: []string{"--network=none"}})
	require.Contains(t, buildx.LastError(t, r), "dynatrace: --network=none leaves no way to the cluster")
	require.Contains(t, r.Output, ">>> # syntax=", "the line that asks for the agent is marked")
	require.NotContains(t, r.Output, "ask the cluster", "nothing was tried")

	for _, mode := range []string{"runtime", "off"} {
		buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Args: append(buildx.Options("mode="+mode), "--network=none")})
	}
	connect := "bash -c 'exec 3<>/dev/tcp/" + strings.ReplaceAll(tenant.Host(t, env), ":", "/") + "'\n"
	buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN --network=none ! " + connect + "RUN " + connect,
		Secrets:    tenant.Secrets(env),
	})
}
