package cache

import (
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// crash is a moment in a build at which its builder loses its power.
type crash struct {
	// fault is switched on until then.
	fault cluster.Fault
	// now tells that the moment has come.
	now func(env *cluster.Environment, output string) bool
	// ended is what the output says once it has passed.
	ended string
}

var crashes = map[string]crash{
	"download": {
		fault: cluster.Fault{Kind: cluster.FaultStall, On: []cluster.Endpoint{cluster.EndpointInstaller}},
		now:   func(env *cluster.Environment, _ string) bool { return env.Stalled() > 0 },
		ended: "installer: ",
	},
	"install": {
		now:   func(_ *cluster.Environment, output string) bool { return strings.Contains(output, "install OneAgent") },
		ended: "no cluster links found",
	},
	"export": {
		now:   func(_ *cluster.Environment, output string) bool { return strings.Contains(output, "exporting layers") },
		ended: "exporting manifest",
	},
}

// A builder that is killed at any moment makes, once it runs again, the image
// that one makes which nothing happened to. It forgets nothing half-made.
func TestReproducible_AfterAKilledBuilder(t *testing.T) {
	builder := daemon.New(t, daemon.Options{})
	// Enough for each step to take a while.
	srv := tenant.NewCluster(t)
	for name, at := range crashes {
		t.Run(name, func(t *testing.T) {
			env := srv.AddEnvironment(cluster.WithFiller(64 << 20))
			app := buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCOPY Dockerfile /\n", Secrets: tenant.Secrets(env)}
			undisturbed := reproducible(t, app)

			app.Env = builder.Env()
			if at.fault.Kind != "" {
				env.SetFault(at.fault)
			}
			killed := app
			killed.Args = atEpoch
			killed.During = func(b *buildx.Running) {
				require.Eventually(t, func() bool { return at.now(env, b.String()) }, time.Minute, time.Millisecond)
				builder.Kill()
			}
			r := buildx.Fails(t, killed)
			require.NotContains(t, r.Output, at.ended, "control: it was killed before the end")
			env.ClearFaults()
			builder.Start()

			again := reproducible(t, app)
			require.Equal(t, undisturbed.Config, again.Config)
			require.Equal(t, undisturbed.Manifest.Layers, again.Manifest.Layers)
			require.Equal(t, undisturbed.Descriptor.Digest, again.Descriptor.Digest)
		})
	}
}
