package integration

import (
	"fmt"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/cluster"
	"github.com/stretchr/testify/require"
)

// rounds is how often two environments meet on one builder. Without the session
// in the resolve step one in twelve such meetings mixed up their tokens.
const rounds = 20

// BuildKit shares equal steps of concurrent builds, and takes their secrets from
// any of them. Two environments that build the same Dockerfile at once must
// never see each other's token, nor get each other's agent.
func TestEnvironmentsStayApart(t *testing.T) {
	one, two := newCluster(t), newCluster(t)
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			// By turns two clusters, and two environments of one cluster.
			servers := []*cluster.Server{one, two}
			if round%2 == 1 {
				servers[1] = one
			}
			var envs []*cluster.Environment
			for _, srv := range servers {
				envs = append(envs, srv.AddEnvironment())
			}
			results := make([]result, len(envs))
			errs := make([]error, len(envs))
			var wg sync.WaitGroup
			for i, env := range envs {
				wg.Go(func() {
					results[i], errs[i] = tryBuild(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
				})
			}
			wg.Wait()
			for i, env := range envs {
				require.NoError(t, errs[i], "%s", results[i].output)
				require.Equal(t, env.Marker(), marker(t, results[i]), "each has its own environment's agent")
				require.Equal(t, 1, installers(env))
				requireNoSecrets(t, results[i].output, envs[1-i])
				for _, req := range env.Requests() {
					require.Equal(t, env.ID(), req.Owner, "%s came with another environment's token", req.Endpoint)
					require.Empty(t, req.Foreign, "%s names another environment", req.Endpoint)
					require.False(t, req.TokenInQuery, "%s has the token in its URL", req.Endpoint)
				}
			}
		})
	}
}

// A build without a token must not succeed with that of another, at once or
// later.
func TestABuildWithoutATokenBorrowsNone(t *testing.T) {
	env := newEnvironment(t)
	for range 5 {
		var wg sync.WaitGroup
		var err error
		wg.Go(func() { build(t, request{dockerfile: smallApp, secrets: withSecrets(env)}) })
		wg.Go(func() {
			_, err = tryBuild(t, request{dockerfile: smallApp, secrets: map[string]string{"DT_TENANT": env.ID(), "DT_API_URL": env.APIURL()}})
		})
		wg.Wait()
		require.Error(t, err)
	}
	r := buildFails(t, request{dockerfile: smallApp, secrets: map[string]string{"DT_TENANT": env.ID(), "DT_API_URL": env.APIURL()}})
	require.Contains(t, lastError(t, r), "missing secret DT_API_TOKEN")
}
