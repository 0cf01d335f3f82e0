package integration

import (
	"context"
	"path"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// requireCheckIn waits until an app has reported itself.
func requireCheckIn(t testing.TB, env *cluster.Environment, app string) cluster.CheckIn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	in, err := env.WaitCheckIn(ctx, func(c cluster.CheckIn) bool { return c.Process == path.Base(app) })
	require.NoError(t, err)
	require.Equal(t, env.ID(), in.Tenant)
	return in
}
