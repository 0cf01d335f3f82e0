package build

import (
	"context"
	"slices"
	"sync"
	"testing"

	controlapi "github.com/moby/buildkit/api/services/control"
	"github.com/moby/buildkit/client"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

// listedBuilds returns a function that ends listening to a builder's history,
// and returns the refs of the builds that it showed while they ran.
func listedBuilds(t *testing.T, d *daemon.Daemon) func() []string {
	t.Helper()
	c, err := client.New(t.Context(), d.Address())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	ctx, cancel := context.WithCancel(t.Context())
	history, err := c.ControlClient().ListenBuildHistory(ctx, &controlapi.BuildHistoryRequest{ActiveOnly: true})
	require.NoError(t, err)
	var refs []string
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			event, err := history.Recv()
			if err != nil {
				return // it was ended
			}
			if event.Type == controlapi.BuildHistoryEventType_STARTED && !slices.Contains(refs, event.Record.Ref) {
				refs = append(refs, event.Record.Ref)
			}
		}
	})
	return func() []string {
		cancel()
		wg.Wait()
		return refs
	}
}

// TestHistory_Off: whoever knows the ref of a running build can run steps in it,
// with its secrets (docs/security.md). BuildKit's history shows it to every
// client, unless the history is off.
func TestHistory_Off(t *testing.T) {
	env := tenant.New(t)
	for name, tt := range map[string]struct {
		settings string
		builds   int
	}{
		"as BuildKit has it": {"", 1},
		"off":                {"[history]\n  maxEntries = 0\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := daemon.New(t, daemon.Options{Top: tt.settings})
			end := listedBuilds(t, d)
			buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Env: d.Env(), Output: "type=cacheonly"})
			require.Len(t, end(), tt.builds)
		})
	}
}
