package hostile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// An installer that looks for secrets and for the network finds neither. What
// it finds goes into a file of the agent: a secret there fails the build.
func TestHostileInstaller_IsConfined(t *testing.T) {
	env := tenant.New(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultSnoop})
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
	require.Zero(t, env.Count(cluster.EndpointSnoop), "it did not reach the network")
	found, err := os.ReadFile(filepath.Join(r.Unpack(t), "opt/dynatrace/oneagent/agent/found.log"))
	require.NoError(t, err)
	require.Contains(t, string(found), "no wget to the cluster", "control: it tried")
	require.Contains(t, string(found), "can't open '/run/secrets/dynatrace/DT_API_TOKEN': Permission denied", "control: and here")
	require.NotContains(t, string(found), `"sealed": "`)
	search.Image(t, r).RequireNone(t, env.Secrets())
	search.RequireNoSecrets(t, r.Output, env)
}
