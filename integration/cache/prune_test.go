package cache

import (
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// A builder without a cache of its own takes every step but the question to the
// cluster from an imported one. Nobody gets the installer that way: it is
// neither downloaded again nor needed.
func TestImportedCache_NeedsNoDownload(t *testing.T) {
	env := tenant.New(t)
	ref := testenv.Registry(t) + "/cache:" + env.ID()
	first := buildx.Build(t, buildx.Request{
		Dockerfile: buildx.DebianApp, Secrets: tenant.Secrets(env),
		Args: []string{"--cache-to=type=registry,mode=max,ref=" + ref},
	})
	require.Equal(t, 1, tenant.Downloads(env))

	daemon.PruneShared(t)
	second := buildx.Build(t, buildx.Request{
		Dockerfile: buildx.DebianApp, Secrets: tenant.Secrets(env),
		Args: []string{"--cache-from=type=registry,ref=" + ref},
	})
	require.Equal(t, 1, tenant.Downloads(env), second.Output)
	require.Contains(t, first.Output, "no cluster links found", "control: install says so where it is run")
	require.NotContains(t, second.Output, "no cluster links found", "and is not run again")
	require.Equal(t, first.Image(t).DiffIDs(), second.Image(t).DiffIDs())
}

// The agent layer is the same bytes whoever builds it, and whenever.
func TestReproducible_AgentLayerOnAFreshBuilder(t *testing.T) {
	env := tenant.New(t)
	layer := func(args ...string) ocispecs.Descriptor {
		return inspect.AgentLayer(t, buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: tenant.Secrets(env), Args: args}).Image(t))
	}
	before := layer()
	daemon.PruneShared(t)
	require.Equal(t, before, layer("--build-arg", "SOURCE_DATE_EPOCH=1000000000"))
	require.Equal(t, 2, env.Count(cluster.EndpointInstaller))
}
