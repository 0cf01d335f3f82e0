package integration

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// noDigest is a digest that nothing has.
var noDigest = "sha256:" + strings.Repeat("0", 64)

func TestChecksum(t *testing.T) {
	env := newEnvironment(t)
	version := "version=" + cluster.DefaultVersions[0] + ";"
	r := buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: withOptions(version + "checksum=" + noDigest)})
	require.Contains(t, lastError(t, r), "but checksum says "+noDigest)
	require.NotContains(t, r.output, "install OneAgent", "nothing of it was run")
	require.Contains(t, r.output, ">>> # syntax=")

	right := "sha256:" + env.Installers()[0].SHA256
	options := withOptions(version + "checksum=" + right)
	build(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: options})

	// A rebuild asks for what keys its steps, and no more.
	before := len(env.Requests())
	build(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: options})
	for _, req := range env.Requests()[before:] {
		require.Equal(t, cluster.EndpointConnectionInfo, req.Endpoint)
	}
	require.Len(t, env.Requests(), before+1)

	r = buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: withOptions(version + "checksum=arm64/musl@" + right)})
	require.Contains(t, lastError(t, r), "checksum has no digest for the agent that this build needs: add amd64/default@sha256:…")
	r = buildFails(t, request{dockerfile: smallApp, args: withOptions("checksum=" + right)})
	require.Contains(t, lastError(t, r), "checksum needs an exact version")
}

func TestLayerPin(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
	layer := r.image(t).Config.Config.Labels[agentLayerLabel]
	build(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: withOptions("layer=" + layer)})
	r = buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: withOptions("layer=amd64/default@" + noDigest)})
	require.Contains(t, lastError(t, r), "has the digest "+layer+", but layer says "+noDigest)
}

// The zip brings the same agent, and nothing foreign is run for it: that is the
// way out which errors of scripts name.
func TestTheArchive(t *testing.T) {
	env := newEnvironment(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultScriptFails})
	r := build(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: withOptions("installer=paas")})
	require.Equal(t, "paas", string(env.Installers()[0].Spec.Type))
	require.Equal(t, env.Marker(), marker(t, r))
	searchImage(t, r).requireNone(t, env.Secrets())
}
