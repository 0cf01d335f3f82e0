package integration

import (
	"archive/tar"
	"io"
	"os"
	"path"
	"path/filepath"
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

func TestAnInstrumentedBaseGetsANewAgent(t *testing.T) {
	old := newEnvironment(t, cluster.WithTarget(cluster.DefaultVersions[0]))
	ref := registry(t) + "/base:" + old.ID()
	build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENTRYPOINT [\"/bin/echo\", \"app\"]\n",
		secrets:    withSecrets(old),
		output:     "type=image,name=" + ref + ",push=true",
	})
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM " + ref + "\nCMD [\"child\"]\n",
		secrets:    withSecrets(env),
	})
	img := r.image(t)
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--", "/bin/echo", "app"}, img.Config.Config.Entrypoint, "wrapped once")
	require.Equal(t, cluster.DefaultTarget, img.Config.Config.Labels["com.dynatrace.oneagent.version"])
	root := filepath.Join(r.unpack(t), "opt/dynatrace/oneagent")
	versions, err := os.ReadDir(filepath.Join(root, "agent/bin"))
	require.NoError(t, err)
	var names []string
	for _, v := range versions {
		names = append(names, v.Name())
	}
	require.Equal(t, []string{cluster.DefaultTarget, "any", "current", "linux-x86-64"}, names, "nothing of the old agent")
	require.Equal(t, env.Marker(), marker(t, r))

	c := run(t, r, nil)
	_, err = c.Wait()
	require.NoError(t, err)
	require.Equal(t, "app child\n", c.Stdout())
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

// A merge would turn a symlink into a folder and change an owner or a mode.
func TestAnUnusualOptIsLeftAsItIs(t *testing.T) {
	env := newEnvironment(t)
	tests := map[string]struct {
		run   string
		check func(t *testing.T, root string)
	}{
		"symlink": {
			"rm -rf /opt && mkdir /data && ln -s data /opt",
			func(t *testing.T, root string) {
				target, err := os.Readlink(filepath.Join(root, "opt"))
				require.NoError(t, err)
				require.Equal(t, "data", target)
				require.FileExists(t, filepath.Join(root, "data/dynatrace/dt-start"))
			},
		},
		"dangling symlink": {
			"rm -rf /opt && ln -s nowhere /opt",
			func(t *testing.T, root string) {
				require.FileExists(t, filepath.Join(root, "nowhere/dynatrace/dt-start"))
			},
		},
		"mode": {
			"mkdir -p /opt && chmod 0751 /opt",
			func(t *testing.T, root string) {
				st, err := os.Stat(filepath.Join(root, "opt"))
				require.NoError(t, err)
				require.Equal(t, os.FileMode(0o751), st.Mode().Perm())
				require.FileExists(t, filepath.Join(root, "opt/dynatrace/dt-start"))
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := build(t, request{
				dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN " + tt.run + "\nCMD [\"echo\", \"it runs\"]\n",
				secrets:    withSecrets(env),
			})
			require.Contains(t, r.output, "the agent is copied into the image")
			tt.check(t, r.unpack(t))
			require.NotContains(t, r.image(t).Config.Config.Labels, agentLayerLabel)
			c := run(t, r, func(s *runcSpec) { s.Env = agentDetails(env) })
			code, err := c.Wait()
			require.NoError(t, err)
			require.Zero(t, code)
			require.Equal(t, "it runs\n", c.Stdout())
			require.Empty(t, c.Stderr())
		})
	}
}

func TestTheAppsOwnFilesAreKept(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN mkdir -p /opt/dynatrace && echo mine > /opt/dynatrace/notes\nCMD [\"true\"]\n",
		secrets:    withSecrets(env),
	})
	require.FileExists(t, filepath.Join(r.unpack(t), "opt/dynatrace/notes"))
}

func TestTheAppsConfigIsKept(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: `# syntax=SYNTAX
FROM debian:bookworm-slim
SHELL ["/bin/bash", "-c"]
USER 12345:54321
WORKDIR /srv
ENV A=b
LABEL mine=1
EXPOSE 8080
VOLUME /data
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=7s CMD ["true"]
ONBUILD RUN echo child
ENTRYPOINT echo "shell form: $A"
`,
		secrets: withSecrets(env),
	})
	cfg := r.image(t).Config.Config
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--", "/bin/bash", "-c", `echo "shell form: $A"`}, cfg.Entrypoint)
	require.Equal(t, []string{"/bin/bash", "-c"}, cfg.Shell)
	require.Equal(t, "12345:54321", cfg.User)
	require.Equal(t, "/srv", cfg.WorkingDir)
	require.Equal(t, "SIGQUIT", cfg.StopSignal)
	require.Equal(t, []string{"CMD", "true"}, cfg.Healthcheck.Test)
	require.Equal(t, []string{"RUN echo child"}, cfg.OnBuild)
	require.Equal(t, "1", cfg.Labels["mine"])
	require.Contains(t, cfg.ExposedPorts, "8080/tcp")
	require.Contains(t, cfg.Volumes, "/data")

	c := run(t, r, func(s *runcSpec) { s.Env = agentDetails(env) })
	code, err := c.Wait()
	require.NoError(t, err)
	require.Zero(t, code, c.Stderr())
	require.Equal(t, "shell form: b\n", c.Stdout())
}

func TestHistoryNamesEachLayer(t *testing.T) {
	env := newEnvironment(t)
	img := build(t, request{dockerfile: debianApp, secrets: withSecrets(env)}).image(t)
	var layers []string
	for _, h := range img.Config.History {
		if !h.EmptyLayer {
			layers = append(layers, h.CreatedBy)
		}
	}
	require.Len(t, layers, len(img.Config.RootFS.DiffIDs))
	require.Equal(t, []string{
		"ONEAGENT " + cluster.DefaultTarget + " (default, x86)",
		"START /opt/dynatrace/dt-start",
		"SETTINGS /opt/dynatrace/dt-start.json",
	}, layers[len(layers)-3:])
}
