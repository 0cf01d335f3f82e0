package agentimage

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// agentFiles returns the content of all that an image has of an agent, by the
// path below where /opt/dynatrace leads.
func agentFiles(t *testing.T, r buildx.Result, where string) map[string]string {
	t.Helper()
	dir := filepath.Join(r.Unpack(t), where)
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			out[rel], err = os.Readlink(name)
			return err
		}
		dt, err := os.ReadFile(name)
		out[rel] = string(dt)
		return err
	}))
	return out
}

// Whatever kind of agent a base image has, an image made from it has the new one
// as a fresh image does, one start helper in front, and nothing of the old one.
func TestInstrumentedBase_AnotherAgentIsReplaced(t *testing.T) {
	old := tenant.New(t, cluster.WithTarget(cluster.DefaultVersions[0]), cluster.WithNetworkZones("old.zone"))
	env := tenant.New(t)
	const app = "FROM busybox:1.37-musl\n%sENTRYPOINT [\"busybox\", \"echo\"]\nLABEL mine=1\n"
	for name, tt := range map[string]struct {
		run     string // in the base image, before it gets its agent
		where   string
		options string
		twice   bool
	}{
		"merged":          {where: "opt/dynatrace", options: "network-zone=old.zone"},
		"copied":          {run: "RUN export PATH=/bin; busybox mkdir -m 0751 /opt\n", where: "opt/dynatrace"},
		"behind symlinks": {run: "RUN export PATH=/bin; busybox mkdir /data && busybox ln -s /data /opt\n", where: "data/dynatrace"},
		"fewer files":     {where: "opt/dynatrace", options: "include=java"},
		"at run time":     {where: "opt/dynatrace", options: "mode=runtime;flavor=musl"},
		"by environment":  {where: "opt/dynatrace", options: "preload=env"},
		"one on another":  {where: "opt/dynatrace", twice: true},
	} {
		t.Run(name, func(t *testing.T) {
			dockerfile := strings.Replace(app, "%s", tt.run, 1)
			fresh := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n" + dockerfile, Secrets: tenant.Secrets(env)})

			base := testenv.Registry(t) + "/instrumented:" + old.ID() + "-" + strings.ReplaceAll(name, " ", "-")
			req := buildx.Request{
				Dockerfile: "# syntax=SYNTAX\n" + dockerfile, Secrets: tenant.Secrets(old),
				Args: buildx.Options(tt.options), Output: "type=image,push=true,name=" + base,
			}
			buildx.Build(t, req)
			if tt.twice {
				req.Dockerfile = "# syntax=SYNTAX\nFROM " + base + "\n"
				base += "-again"
				req.Output = "type=image,push=true,name=" + base
				buildx.Build(t, req)
			}
			child := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM " + base + "\nCMD [\"child\"]\n", Secrets: tenant.Secrets(env)})

			want, got := fresh.Image(t).Config, child.Image(t).Config
			require.Equal(t, want.Config.Entrypoint, got.Config.Entrypoint, "wrapped once")
			require.Equal(t, want.Config.Labels, got.Config.Labels)
			require.Equal(t, want.Config.Env, got.Config.Env)
			require.Equal(t, agentFiles(t, fresh, tt.where), agentFiles(t, child, tt.where))
			var layers []string
			for _, h := range got.History {
				if !h.EmptyLayer {
					layers = append(layers, h.CreatedBy)
				}
			}
			require.Len(t, layers, len(got.RootFS.DiffIDs))
			require.Equal(t, "child\n", container.Finish(t, child, tenant.AgentDetails(env)).Stdout)
		})
	}
}

// An image that has the same agent already, from its base image, gets it once.
// Its settings are new, and nothing is downloaded again. If a step has touched the
// agent, the image gets it again.
func TestInstrumentedBase_TheSameAgentIsReplaced(t *testing.T) {
	env := tenant.New(t, cluster.WithNetworkZones("old.zone"))
	base := testenv.Registry(t) + "/instrumented:" + env.ID()
	const dockerfile = "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENTRYPOINT [\"/bin/sleep\", \"0\"]\n"
	app := buildx.Request{Dockerfile: dockerfile, Secrets: tenant.Secrets(env), Args: buildx.Options("network-zone=old.zone")}
	first := buildx.Build(t, app)
	app.Output = "type=image,push=true,name=" + base
	buildx.Build(t, app)
	for name, tt := range map[string]struct {
		steps string
		want  int // agent layers
	}{
		"untouched":         {"RUN mkdir /opt/mine", 1},
		"nothing done":      {"", 1},
		"a file changed":    {"RUN echo >>/opt/dynatrace/oneagent/manifest.json", 2},
		"a file removed":    {"RUN rm /opt/dynatrace/oneagent/manifest.json", 2},
		"a file added":      {"RUN touch -d @0 /opt/dynatrace/oneagent/agent/more", 2},
		"a file of another": {"RUN chown 7 /opt/dynatrace/oneagent/manifest.json", 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM " + base + "\n" + tt.steps + "\n", Secrets: tenant.Secrets(env)})
			img := r.Image(t)
			seen := 0
			for _, id := range img.DiffIDs() {
				if id.String() == img.Config.Config.Labels[inspect.LayerLabel] {
					seen++
				}
			}
			require.Equal(t, tt.want, seen)
			require.Equal(t, first.Image(t).Config.Config.Entrypoint, img.Config.Config.Entrypoint, "wrapped once")
			require.Equal(t, first.Image(t).Config.Config.Labels, img.Config.Config.Labels)
			files, before := agentFiles(t, r, "opt/dynatrace"), agentFiles(t, first, "opt/dynatrace")
			require.Contains(t, before["dt-start.json"], "old.zone")
			require.NotContains(t, files["dt-start.json"], "old.zone", "the settings are new")
			delete(files, "dt-start.json")
			delete(before, "dt-start.json")
			require.Equal(t, before, files)
			layers := 0
			for _, h := range img.Config.History {
				if !h.EmptyLayer {
					layers++
				}
			}
			require.Len(t, img.DiffIDs(), layers)
			require.Zero(t, container.Finish(t, r, tenant.AgentDetails(env)).Code)
		})
	}
	require.Equal(t, 2, tenant.Downloads(env), "one for each network zone")
}

// What an agent wrote outside of its own directory, while the image was built,
// is not in it: the next agent would prefer that configuration to its own.
func TestInstrumentedBase_WhatAnAgentLeftIsRemoved(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: `# syntax=SYNTAX
FROM busybox:1.37-musl
RUN mkdir -p /tmp/ruxit/x /tmp/mine /var/lib/dynatrace/oneagent/agent/config /var/lib/mine && \
    echo x >/tmp/ruxit/x/y && echo "[general]" >/var/lib/dynatrace/oneagent/agent/config/ruxitagentproc.conf && touch /var/lib/mine/x
CMD ["busybox", "find", "/tmp", "/var/lib", "-name", "ruxit*", "-o", "-name", "mine"]
`,
		Secrets: tenant.Secrets(env),
	})
	require.Equal(t, 1, r.Warned("the build removes /tmp/ruxit, /var/lib/dynatrace/oneagent/agent/config/ruxitagentproc.conf"), r.Output)
	o := container.Finish(t, r, tenant.AgentDetails(env))
	require.Equal(t, "/tmp/mine\n/var/lib/mine\n", o.Stdout, o.Stderr)
	img := r.Image(t)
	layers := 0
	for _, h := range img.Config.History {
		if !h.EmptyLayer {
			layers++
		}
	}
	require.Len(t, img.DiffIDs(), layers)
}

// Where there is to be no agent an image keeps that of its base, and says so.
func TestInstrumentedBase_TheAgentIsKept(t *testing.T) {
	env := tenant.New(t)
	base := testenv.Registry(t) + "/instrumented:" + env.ID()
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Output: "type=image,push=true,name=" + base})
	env.SetFault(cluster.Fault{Kind: cluster.FaultUnauthorized})
	for _, options := range []string{"mode=off", "on-error=skip"} {
		t.Run(options, func(t *testing.T) {
			child := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM " + base + "\n", Secrets: tenant.Secrets(env), Args: buildx.Options(options)})
			require.Equal(t, r.Image(t).Config.Config, child.Image(t).Config.Config)
			require.Equal(t, r.Image(t).DiffIDs(), child.Image(t).DiffIDs())
		})
	}
}
