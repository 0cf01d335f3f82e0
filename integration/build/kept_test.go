package build

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// A merge would turn a symlink into a folder and change an owner or a mode.
func TestOpt_UnusualOneIsKept(t *testing.T) {
	env := tenant.New(t)
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
			r := buildx.Build(t, buildx.Request{
				Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN " + tt.run + "\nCMD [\"echo\", \"it runs\"]\n",
				Secrets:    tenant.Secrets(env),
			})
			require.Contains(t, r.Output, "the agent is copied into the image")
			tt.check(t, r.Unpack(t))
			require.NotContains(t, r.Image(t).Config.Config.Labels, inspect.LayerLabel)
			c := container.Run(t, r, func(s *runc.Spec) { s.Env = tenant.AgentDetails(env) })
			code, err := c.Wait()
			require.NoError(t, err)
			require.Zero(t, code)
			require.Equal(t, "it runs\n", c.Stdout())
			require.Empty(t, c.Stderr())
		})
	}
}

func TestOpt_FilesOfTheAppAreKept(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN mkdir -p /opt/dynatrace && echo mine > /opt/dynatrace/notes\nCMD [\"true\"]\n",
		Secrets:    tenant.Secrets(env),
	})
	require.FileExists(t, filepath.Join(r.Unpack(t), "opt/dynatrace/notes"))
}

func TestConfig_OfTheAppIsKept(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: `# syntax=SYNTAX
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
		Secrets: tenant.Secrets(env),
	})
	cfg := r.Image(t).Config.Config
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

	c := container.Run(t, r, func(s *runc.Spec) { s.Env = tenant.AgentDetails(env) })
	code, err := c.Wait()
	require.NoError(t, err)
	require.Zero(t, code, c.Stderr())
	require.Equal(t, "shell form: b\n", c.Stdout())
}

func TestHistory_NamesEachLayer(t *testing.T) {
	env := tenant.New(t)
	img := buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: tenant.Secrets(env)}).Image(t)
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
