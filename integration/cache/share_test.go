package cache

import (
	"slices"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

func TestShare_AppsShareTheAgentLayer(t *testing.T) {
	env := tenant.New(t)
	one := buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: tenant.Secrets(env)})
	require.Equal(t, 1, tenant.Downloads(env))
	two := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN echo other > /other\nCMD [\"true\"]\n",
		Secrets:    tenant.Secrets(env),
	})
	require.Equal(t, 1, tenant.Downloads(env), "the second build downloads nothing")

	a, b := one.Image(t), two.Image(t)
	label := a.Config.Config.Labels[inspect.LayerLabel]
	require.Equal(t, label, b.Config.Config.Labels[inspect.LayerLabel])
	at := func(diffIDs []string) int { return slices.Index(diffIDs, label) }
	ia, ib := at(inspect.DiffIDs(a)), at(inspect.DiffIDs(b))
	require.GreaterOrEqual(t, ia, 0, "the label names a layer of the image")
	require.GreaterOrEqual(t, ib, 0, "the label names a layer of the image")
	require.Equal(t, a.Manifest.Layers[ia].Digest, b.Manifest.Layers[ib].Digest, "compressed, too")
	// The start layer, too.
	require.Equal(t, a.Manifest.Layers[ia+1].Digest, b.Manifest.Layers[ib+1].Digest)
}

func TestShare_ConcurrentBuildsDownloadOnce(t *testing.T) {
	for range 5 {
		env := tenant.New(t, cluster.WithFiller(20_000_000))
		var wg sync.WaitGroup
		for _, name := range []string{"one", "two"} {
			wg.Go(func() {
				buildx.Build(t, buildx.Request{
					Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENV APP=" + name + "\nCMD [\"true\"]\n",
					Secrets:    tenant.Secrets(env),
				})
			})
		}
		wg.Wait()
		require.Equal(t, 1, tenant.Downloads(env))
	}
}

func TestNoCache_DownloadsAgain(t *testing.T) {
	env := tenant.New(t)
	for want, args := range [][]string{1: nil, 2: {"--no-cache-filter=dynatrace"}, 3: {"--no-cache"}} {
		if want == 0 {
			continue
		}
		buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: args})
		require.Equal(t, want, tenant.Downloads(env), "%v", args)
	}
}

// With another API token the installer is downloaded once more: the steps are
// keyed by what the token opens. The agent layer stays the same.
func TestShare_RotatedTokenKeepsTheLayer(t *testing.T) {
	env := tenant.New(t)
	first := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
	secrets := tenant.Secrets(env)
	secrets["DT_API_TOKEN"] = env.AddToken(cluster.ScopeInstallerDownload)
	env.RevokeToken(env.APIToken())
	for range 2 {
		r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
		require.Equal(t, 2, tenant.Downloads(env))
		require.Equal(t, first.Image(t).Config.Config.Labels[inspect.LayerLabel], r.Image(t).Config.Config.Labels[inspect.LayerLabel])
	}
}

// A download is sealed with the API token. Where only the token that it was
// sealed with is gone, it is downloaded again without a word.
func TestShare_RotatedTokenOpensNoOldDownload(t *testing.T) {
	env := tenant.New(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultScriptFails})
	buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
	env.ClearFaults()
	secrets := tenant.Secrets(env)
	secrets["DT_API_TOKEN"] = env.AddToken(cluster.ScopeInstallerDownload)
	env.RevokeToken(env.APIToken())
	for range 2 { // and then it is cached as ever
		buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
		require.Equal(t, 2, tenant.Downloads(env))
	}
}

// A new version is a new agent.
func TestShare_NewTargetVersionIsInstalled(t *testing.T) {
	srv := tenant.NewCluster(t)
	env := srv.AddEnvironment(cluster.WithTarget(cluster.DefaultVersions[0]))
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
	require.Equal(t, cluster.DefaultVersions[0], r.Image(t).Config.Config.Labels["com.dynatrace.oneagent.version"])
}
