package integration

import (
	"os/exec"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// A builder without a cache of its own takes every step but the question to the
// cluster from an imported one. Nobody gets the installer that way: it is
// neither downloaded again nor needed.
func TestAnImportedCacheNeedsNoDownload(t *testing.T) {
	env := newEnvironment(t)
	ref := registry(t) + "/cache:" + env.ID()
	first := build(t, request{
		dockerfile: debianApp, secrets: withSecrets(env),
		args: []string{"--cache-to=type=registry,mode=max,ref=" + ref},
	})
	require.Equal(t, 1, installers(env))

	prune(t)
	second := build(t, request{
		dockerfile: debianApp, secrets: withSecrets(env),
		args: []string{"--cache-from=type=registry,ref=" + ref},
	})
	require.Equal(t, 1, installers(env), second.output)
	require.Contains(t, first.output, "no cluster links found", "control: install says so where it is run")
	require.NotContains(t, second.output, "no cluster links found", "and is not run again")
	require.Equal(t, first.image(t).DiffIDs(), second.image(t).DiffIDs())
}

// prune empties the builder's storage.
func prune(t *testing.T) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "buildctl", "prune", "--all").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// The agent layer is the same bytes whoever builds it, and whenever.
func TestTheAgentLayerIsTheSameOnAFreshBuilder(t *testing.T) {
	env := newEnvironment(t)
	layer := func(args ...string) ocispecs.Descriptor {
		return agentLayer(t, build(t, request{dockerfile: debianApp, secrets: withSecrets(env), args: args}).image(t))
	}
	before := layer()
	prune(t)
	require.Equal(t, before, layer("--build-arg", "SOURCE_DATE_EPOCH=1000000000"))
	require.Equal(t, 2, env.Count(cluster.EndpointInstaller))
}
