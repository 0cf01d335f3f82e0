package integration

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// runcSpec is what a container is made of.
type runcSpec = runc.Spec

// run starts a container of the image; it is gone with the test.
func run(t testing.TB, r result, change func(*runcSpec)) *runc.Container {
	t.Helper()
	spec := runc.Spec{Rootfs: r.unpack(t), Config: r.image(t).Config.Config.ImageConfig}
	if change != nil {
		change(&spec)
	}
	c, err := runc.Run(t.Context(), spec)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, c.Delete())
		if t.Failed() {
			t.Logf("the container wrote:\n%s%s", c.Stdout(), c.Stderr())
		}
	})
	return c
}

// apiDetails is an environment's API details as a container's environment.
func apiDetails(env *cluster.Environment) []string {
	return []string{
		"DT_API_URL=" + env.APIURL(),
		"DT_API_TOKEN=" + env.APIToken(),
		"DT_TENANT=" + env.ID(),
	}
}

// agentDetails are the agent's own three variables.
func agentDetails(env *cluster.Environment) []string {
	return []string{
		"DT_TENANT=" + env.ID(),
		"DT_TENANTTOKEN=" + env.TenantToken(),
		"DT_CONNECTION_POINT=" + env.Endpoints()[0],
	}
}
