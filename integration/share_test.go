package integration

import (
	"archive/tar"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

const agentLayerLabel = "com.dynatrace.oneagent.layer"

// installers counts the downloads of installers.
func installers(env *cluster.Environment) int {
	return env.Count(cluster.EndpointInstaller)
}

func TestAppsShareTheAgentLayer(t *testing.T) {
	env := newEnvironment(t)
	one := build(t, request{dockerfile: debianApp, secrets: withSecrets(env)})
	require.Equal(t, 1, installers(env))
	two := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN echo other > /other\nCMD [\"true\"]\n",
		secrets:    withSecrets(env),
	})
	require.Equal(t, 1, installers(env), "the second build downloads nothing")

	a, b := one.image(t), two.image(t)
	label := a.Config.Config.Labels[agentLayerLabel]
	require.Equal(t, label, b.Config.Config.Labels[agentLayerLabel])
	at := func(diffIDs []string) int { return slices.Index(diffIDs, label) }
	ia, ib := at(texts(a.DiffIDs())), at(texts(b.DiffIDs()))
	require.GreaterOrEqual(t, ia, 0, "the label names a layer of the image")
	require.GreaterOrEqual(t, ib, 0, "the label names a layer of the image")
	require.Equal(t, a.Manifest.Layers[ia].Digest, b.Manifest.Layers[ib].Digest, "compressed, too")
	// The start layer, too.
	require.Equal(t, a.Manifest.Layers[ia+1].Digest, b.Manifest.Layers[ib+1].Digest)
}

func texts[T ~string](list []T) []string {
	var out []string
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

func TestConcurrentBuildsDownloadOnce(t *testing.T) {
	for range 5 {
		env := newEnvironment(t, cluster.WithFiller(20_000_000))
		var wg sync.WaitGroup
		for _, name := range []string{"one", "two"} {
			wg.Go(func() {
				build(t, request{
					dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENV APP=" + name + "\nCMD [\"true\"]\n",
					secrets:    withSecrets(env),
				})
			})
		}
		wg.Wait()
		require.Equal(t, 1, installers(env))
	}
}

func TestNoCacheDownloadsAgain(t *testing.T) {
	env := newEnvironment(t)
	for want, args := range [][]string{1: nil, 2: {"--no-cache-filter=dynatrace"}, 3: {"--no-cache"}} {
		if want == 0 {
			continue
		}
		build(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: args})
		require.Equal(t, want, installers(env), "%v", args)
	}
}

// With another API token the installer is downloaded once more: the steps are
// keyed by what the token opens. The agent layer stays the same.
func TestRotatedTokenKeepsTheLayer(t *testing.T) {
	env := newEnvironment(t)
	first := build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
	secrets := withSecrets(env)
	secrets["DT_API_TOKEN"] = env.AddToken(cluster.ScopeInstallerDownload)
	env.RevokeToken(env.APIToken())
	for range 2 {
		r := build(t, request{dockerfile: smallApp, secrets: secrets})
		require.Equal(t, 2, installers(env))
		require.Equal(t, first.image(t).Config.Config.Labels[agentLayerLabel], r.image(t).Config.Config.Labels[agentLayerLabel])
	}
}

// A download is sealed with the API token. Where only the token that it was
// sealed with is gone, it is downloaded again without a word.
func TestRotatedTokenOpensNoOldDownload(t *testing.T) {
	env := newEnvironment(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultScriptFails})
	buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
	env.ClearFaults()
	secrets := withSecrets(env)
	secrets["DT_API_TOKEN"] = env.AddToken(cluster.ScopeInstallerDownload)
	env.RevokeToken(env.APIToken())
	for range 2 { // and then it is cached as ever
		build(t, request{dockerfile: smallApp, secrets: secrets})
		require.Equal(t, 2, installers(env))
	}
}

// A new version is a new agent.
func TestNewTargetVersionIsInstalled(t *testing.T) {
	srv := newCluster(t)
	env := srv.AddEnvironment(cluster.WithTarget(cluster.DefaultVersions[0]))
	r := build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
	require.Equal(t, cluster.DefaultVersions[0], r.image(t).Config.Config.Labels["com.dynatrace.oneagent.version"])
}

// requireInstrumented fails unless an image holds an environment's agent, by its
// marker, and starts its app once.
func requireInstrumented(t testing.TB, r result, mark string, entrypoint ...string) {
	t.Helper()
	require.Equal(t, mark, marker(t, r))
	require.Equal(t, append([]string{"/opt/dynatrace/dt-start", "--"}, entrypoint...), r.image(t).Config.Config.Entrypoint)
}

// marker returns the mark that an environment's agent carries.
func marker(t testing.TB, r result) string {
	t.Helper()
	img := r.image(t)
	at := slices.Index(texts(img.DiffIDs()), img.Config.Config.Labels[agentLayerLabel])
	require.GreaterOrEqual(t, at, 0)
	layer, err := img.Layer(at)
	require.NoError(t, err)
	defer layer.Close()
	for tr := tar.NewReader(layer); ; {
		hdr, err := tr.Next()
		require.NoError(t, err, "the agent has a marker")
		if path.Base(hdr.Name) == "marker" {
			dt, err := io.ReadAll(tr)
			require.NoError(t, err)
			return strings.TrimSpace(string(dt))
		}
	}
}
