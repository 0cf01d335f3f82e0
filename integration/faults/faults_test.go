package faults

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// envTable names the file that a table of the faults is written to; see
// `hack/test faults`.
const envTable = "DT_TEST_FAULTS"

// maxFault is how long a build may take to end, whatever happens: an installer
// that stalls or hangs is waited for.
const maxFault = 3 * time.Minute

// Each fault ends a build in bounded time, with one clear line, or is got over.
// With on-error=skip the app is built all the same, and nothing of it is kept:
// the next build, once the fault is mended, has the agent.
//
// They have a builder of their own, which nobody prunes: hack/test runs them
// beside all other tests, since most of them wait.
func TestBuildFaults(t *testing.T) {
	builder := daemon.New(t, daemon.Options{}).Env()
	rows := make([]table.Row, len(buildFaults))
	t.Run("all", func(t *testing.T) {
		for i, kind := range buildFaults {
			t.Run(kind.name, func(t *testing.T) {
				t.Parallel()
				rows[i] = kind.row(kind.test(t, builder))
			})
		}
	})
	if name := os.Getenv(envTable); name != "" && !t.Failed() {
		require.NoError(t, os.WriteFile(name, []byte(faultTable(rows)), 0o644))
	}
}

// test returns the build that the fault hit.
func (k *buildFault) test(t *testing.T, builder []string) buildx.Result {
	f := &faulty{builder: builder, cluster: tenant.NewCluster(t)}
	f.env = f.cluster.AddEnvironment(k.with...)
	f.secrets = tenant.Secrets(f.env)
	k.on(t, f)
	if k.passes {
		return k.testPassing(t, f)
	}
	r := buildx.Fails(t, f.app(f.options))
	require.Less(t, r.Took, maxFault)
	require.Contains(t, buildx.LastError(t, r), "dynatrace: ")
	for _, part := range k.says {
		require.Contains(t, buildx.LastError(t, r), part)
	}
	require.Contains(t, r.Output, ">>> ", "the line that asks for the agent is marked")
	require.NotContains(t, buildx.LastError(t, r), "did not complete successfully")
	require.NotContains(t, r.Output, "goroutine ")
	search.RequireNoSecrets(t, r.Output, f.env)
	f.testSkipped(t)
	return r
}

// app is a build that needs an agent.
func (f *faulty) app(options string) buildx.Request {
	return buildx.Request{Dockerfile: buildx.SmallApp, Secrets: f.secrets, Args: buildx.Options(options), Env: f.builder}
}

// testSkipped builds the app without the agent, and with it once the fault is
// mended.
func (f *faulty) testSkipped(t *testing.T) {
	skipped := buildx.Build(t, f.app(strings.TrimPrefix(f.options+";on-error=skip", ";")))
	inspect.RequireNoAgent(t, skipped, "on-error=skip): ")
	search.RequireNoSecrets(t, skipped.Output, f.env)

	f.env.ClearFaults()
	f.secrets = tenant.Secrets(f.env)
	mended := buildx.Build(t, f.app("on-error=skip"))
	require.Equal(t, "build", mended.Image(t).Config.Config.Labels["com.dynatrace.oneagent.mode"])
	require.Equal(t, f.env.Marker(), inspect.Marker(t, mended))
	require.Zero(t, mended.Warned("is built without OneAgent"), mended.Output)
}

// testPassing builds with the agent. That the installer is whole its digest
// shows.
func (k *buildFault) testPassing(t *testing.T, f *faulty) buildx.Result {
	options := f.options
	if !k.ofScript {
		in, err := f.env.Installer(cluster.Spec{Version: cluster.DefaultTarget, Bitness: "64", SkipMetadata: true})
		require.NoError(t, err)
		options = "version=" + cluster.DefaultTarget + ";checksum=sha256:" + in.SHA256
	}
	r := buildx.Build(t, f.app(options))
	for _, part := range k.says {
		require.Contains(t, r.Output, part)
	}
	if k.asked > 0 {
		require.Equal(t, k.asked, tenant.Downloads(f.env))
	}
	require.Less(t, r.Took, maxFault)
	require.Equal(t, f.env.Marker(), inspect.Marker(t, r))
	require.Equal(t, r.Image(t).Config.Config.Labels[inspect.LayerLabel], inspect.AgentDiffID(t, r), "nothing wrote into it later")
	require.NotContains(t, search.Image(t, r).Files(), cluster.Outside, "nothing of what an installer writes elsewhere")
	search.RequireNoSecrets(t, r.Output, f.env)
	return r
}

// row is what is told of a build that the fault hit.
func (k *buildFault) row(r buildx.Result) table.Row {
	told := "built, with the agent"
	if !k.passes {
		_, line, _ := strings.Cut(r.Output[strings.LastIndex(r.Output, "ERROR: "):], "dynatrace: ")
		told = "`" + strings.TrimSpace(line) + "`"
	}
	return table.Row{k.name, fmt.Sprintf("%.1f", r.Took.Seconds()), told}
}

func faultTable(rows []table.Row) string {
	w := table.NewWriter()
	w.AppendHeader(table.Row{"fault", "seconds", "what the user sees"})
	w.AppendRows(rows)
	return w.RenderMarkdown() + "\n"
}
