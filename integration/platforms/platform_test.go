package platforms

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// Each platform of one build gets its own agent and its own helper. Installers
// run on the builder's platform: nothing here can run the other's programs.
func TestPlatform_EachGetsItsOwnAgent(t *testing.T) {
	env := tenant.New(t)
	all := slices.Sorted(maps.Keys(everywhere))
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n",
		Secrets:    tenant.Secrets(env),
		Args:       []string{"--platform=" + strings.Join(all, ",")},
	})
	asked := map[string]bool{}
	for _, req := range env.Requests() {
		if req.Endpoint == cluster.EndpointInstaller {
			asked[req.Query.Get("arch")] = true
		}
	}
	require.Len(t, asked, len(all), r.Output)
	layers := map[string]bool{}
	for _, platform := range all {
		img, err := r.Layout(t).Image(platform)
		require.NoError(t, err)
		requireAgent(t, img, agent.FlavorDefault)
		layers[img.Config.Config.Labels[inspect.LayerLabel]] = true
	}
	require.Len(t, layers, len(all))
}

// One platform without a OneAgent fails a build, or is built without.
func TestPlatform_WithoutAnAgent(t *testing.T) {
	for _, platform := range []string{"linux/arm/v7", "linux/386", "linux/riscv64", "windows/amd64"} {
		t.Run(platform, func(t *testing.T) {
			env := tenant.New(t)
			req := buildx.Request{
				Dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n",
				Secrets:    tenant.Secrets(env),
				Args:       []string{"--platform=linux/amd64," + platform},
			}
			r := buildx.Fails(t, req)
			require.Contains(t, buildx.LastError(t, r), "there is no OneAgent for "+platform+"; build for one of linux/amd64, linux/arm64, linux/ppc64le, linux/s390x, or say on-unsupported=skip")
			require.Empty(t, env.Requests(), "it fails before anything is asked for")

			req.Args = append(req.Args, buildx.Options("on-unsupported=skip")...)
			r = buildx.Build(t, req)
			require.Contains(t, r.Output, "there is no OneAgent for "+platform+": the image for it is built without")
			with, err := r.Layout(t).Image("linux/amd64")
			require.NoError(t, err)
			requireAgent(t, with, agent.FlavorDefault)
			without, err := r.Layout(t).Image(platform)
			require.NoError(t, err)
			require.Equal(t, "off", without.Config.Config.Labels["com.dynatrace.oneagent.mode"])
			require.Empty(t, without.Config.Config.Entrypoint)
		})
	}
}

// A last stage may be for another platform than the builder's.
func TestPlatform_OfTheLastStage(t *testing.T) {
	env := tenant.New(t)
	base := testenv.Registry(t) + "/arm-base:latest"
	buildx.Build(t, buildx.Request{
		Dockerfile: "FROM scratch\nCOPY Dockerfile /lib/ld-linux-aarch64.so.1\n",
		Args:       []string{"--platform=linux/arm64", "--provenance=false"},
		Output:     "type=image,push=true,name=" + base,
	})
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM --platform=linux/arm64 " + base + "\n", Secrets: tenant.Secrets(env)})
	require.Equal(t, "arm64", r.Image(t).Config.Architecture)
	requireAgent(t, r.Image(t), agent.FlavorDefault)
}

// buildctl names the frontend itself, without any syntax line.
func TestPlatform_ByBuildctl(t *testing.T) {
	ref := testenv.Frontend(t)
	env := tenant.New(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n"), 0o644))
	archive := filepath.Join(dir, "image.tar")
	args := []string{
		"build", "--frontend=gateway.v0", "--opt=source=" + ref,
		"--local=context=" + dir, "--local=dockerfile=" + dir, "--output=type=oci,dest=" + archive, "--progress=plain",
	}
	for id, v := range tenant.Secrets(env) {
		file := filepath.Join(dir, id)
		require.NoError(t, os.WriteFile(file, []byte(v), 0o600))
		args = append(args, "--secret", "id="+id+",src="+file)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "buildctl", args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Run(), "%s", out.String())
	cfg := buildx.Result{Archive: archive}.Image(t).Config.Config
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--", "true"}, cfg.Entrypoint, "once")
	require.NotEmpty(t, cfg.Labels[inspect.LayerLabel])
}
