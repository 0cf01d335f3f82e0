package agentimage

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

func TestPin_Checksum(t *testing.T) {
	env := tenant.New(t)
	version := "version=" + cluster.DefaultVersions[0] + ";"
	r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options(version + "checksum=" + inspect.NoDigest)})
	require.Contains(t, buildx.LastError(t, r), "but checksum says "+inspect.NoDigest)
	require.NotContains(t, r.Output, "install OneAgent", "nothing of it was run")
	require.Contains(t, r.Output, ">>> # syntax=")

	right := "sha256:" + env.Installers()[0].SHA256
	options := buildx.Options(version + "checksum=" + right)
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: options})

	// A rebuild asks for what keys its steps, and no more.
	before := len(env.Requests())
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: options})
	for _, req := range env.Requests()[before:] {
		require.Equal(t, cluster.EndpointConnectionInfo, req.Endpoint)
	}
	require.Len(t, env.Requests(), before+1)

	r = buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options(version + "checksum=arm64/musl@" + right)})
	require.Contains(t, buildx.LastError(t, r), "checksum has no digest for the agent that this build needs: add amd64/default@sha256:…")
	r = buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Args: buildx.Options("checksum=" + right)})
	require.Contains(t, buildx.LastError(t, r), "checksum needs an exact version")
}

func TestPin_Layer(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
	layer := r.Image(t).Config.Config.Labels[inspect.LayerLabel]
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options("layer=" + layer)})
	r = buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options("layer=amd64/default@" + inspect.NoDigest)})
	require.Contains(t, buildx.LastError(t, r), "has the digest "+layer+", but layer says "+inspect.NoDigest)
}

// The zip brings the same agent, and nothing foreign is run for it: that is the
// way out which errors of scripts name.
func TestArchive_BringsTheSameAgent(t *testing.T) {
	env := tenant.New(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultScriptFails})
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options("installer=paas")})
	require.Equal(t, "paas", string(env.Installers()[0].Spec.Type))
	require.Equal(t, env.Marker(), inspect.Marker(t, r))
	search.Image(t, r).RequireNone(t, env.Secrets())
}
