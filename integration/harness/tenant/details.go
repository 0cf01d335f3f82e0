package tenant

import (
	"context"
	"path"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// Secrets returns a build's secrets by id.
func Secrets(env *cluster.Environment) map[string]string {
	return map[string]string{
		"DT_API_URL":   env.APIURL(),
		"DT_API_TOKEN": env.APIToken(),
		"DT_TENANT":    env.ID(),
	}
}

// APIDetails returns a container's variables by which dt-start asks the API.
func APIDetails(env *cluster.Environment) []string {
	return []string{
		"DT_API_URL=" + env.APIURL(),
		"DT_API_TOKEN=" + env.APIToken(),
		"DT_TENANT=" + env.ID(),
	}
}

// AgentDetails returns the agent's own three variables for a container.
func AgentDetails(env *cluster.Environment) []string {
	return []string{
		"DT_TENANT=" + env.ID(),
		"DT_TENANTTOKEN=" + env.TenantToken(),
		"DT_CONNECTION_POINT=" + env.Endpoints()[0],
	}
}

// RequireCheckIn waits for at most 10 seconds until an app has reported itself,
// which is named by its path.
func RequireCheckIn(t testing.TB, env *cluster.Environment, app string) cluster.CheckIn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	in, err := env.WaitCheckIn(ctx, func(c cluster.CheckIn) bool { return c.Process == path.Base(app) })
	require.NoError(t, err)
	require.Equal(t, env.ID(), in.Tenant)
	return in
}
