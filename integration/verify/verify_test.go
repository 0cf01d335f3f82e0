package verify

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/harness/verifier"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// The images that this project builds are clean, wherever they lie.
func TestVerify_OurImagesAreClean(t *testing.T) {
	program := verifier.Build(t)
	env := tenant.New(t, cluster.WithIgnoredSkipMetadata())
	ref := testenv.Registry(t) + "/verified:latest"
	layout := filepath.Join(t.TempDir(), "layout")
	app := buildx.Request{Dockerfile: buildx.DebianApp, Secrets: tenant.Secrets(env)}
	with := func(output string, args ...string) buildx.Request {
		r := app
		r.Output, r.Args = output, args
		return r
	}
	tests := map[string]struct {
		request buildx.Request
		image   string
	}{
		"archive":            {with("", "--provenance=mode=max"), ""},
		"layout":             {with("type=oci,tar=false,dest=" + layout), "oci-layout://" + layout},
		"zstd in a registry": {with("type=image,push=true,compression=zstd,force-compression=true,name="+ref, "--provenance=mode=max"), ref},
		"archive for docker": {with("type=docker,dest="+filepath.Join(t.TempDir(), "saved.tar"), "--provenance=false"), ""},
		"in the environment": {with("", buildx.Options("preload=env")...), ""},
		"another C library":  {buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)}, ""},
		"for two processors": {buildx.Request{
			Dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n", Secrets: tenant.Secrets(env),
			Args: []string{"--platform=linux/amd64,linux/arm64"},
		}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := buildx.Build(t, tt.request)
			image := tt.image
			if image == "" {
				image = r.Archive
			}
			if _, dest, ok := strings.Cut(tt.request.Output, "dest="); ok && image == "" {
				image = dest
			}
			v := verifier.Run(t, program, env, image)
			require.Equal(t, verifier.Clean, v.Code, "%s", v.Text)
			require.Empty(t, v.Leaks)
			for _, p := range v.Platforms {
				require.True(t, p.Instrumented)
				require.Equal(t, "dt-frontend", p.By)
				require.Equal(t, "build", p.Mode)
				require.Equal(t, cluster.DefaultTarget, p.Version)
				require.Equal(t, "dt-start", p.Start)
				require.NotEmpty(t, p.Flavor)
				require.NotEmpty(t, p.Technologies)
				require.Empty(t, p.Notes, "its labels are right")
			}
			if layer := v.Platforms[0].AgentLayer; len(v.Platforms) == 1 {
				require.NotNil(t, layer)
				require.Equal(t, verifier.Clean, verifier.Run(t, program, env, image, "--agent-layer", layer.DiffID).Code)
				require.Equal(t, verifier.Leak, verifier.Run(t, program, env, image, "--agent-layer", inspect.NoDigest).Code)
			}
		})
	}
}

func TestVerify_KnowsOtherImagesOfOurs(t *testing.T) {
	program := verifier.Build(t)
	env := tenant.New(t)
	v := verifier.Run(t, program, env, buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Args: buildx.Options("mode=runtime")}).Archive)
	require.Equal(t, verifier.Clean, v.Code, "%s", v.Text)
	require.Equal(t, "runtime", v.Platforms[0].Mode)

	v = verifier.Run(t, program, env, buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Args: buildx.Options("mode=off")}).Archive)
	require.Equal(t, verifier.NotInstrumented, v.Code, "%s", v.Text)

	name, _ := buildx.AgentImage(t, env)
	v = verifier.Run(t, program, env, name)
	require.Equal(t, verifier.NotInstrumented, v.Code, "%s", v.Text)
	require.Equal(t, "agent", v.Platforms[0].Mode)
}

// The ways that the vendor's documentation shows.
func TestVerify_FindsLeaksInOthersImages(t *testing.T) {
	program := verifier.Build(t)
	env := tenant.New(t, cluster.WithIgnoredSkipMetadata(), cluster.WithOddPlaces(cluster.Places...))
	t.Run("token as a build arg", func(t *testing.T) {
		r := buildx.Build(t, buildx.Request{
			Dockerfile: "FROM debian:bookworm-slim\nARG DT_API_TOKEN\nRUN echo \"$DT_API_TOKEN\" >/dev/null\n",
			Args:       []string{"--build-arg", "DT_API_TOKEN=" + env.APIToken(), "--provenance=mode=max"},
		})
		v := verifier.Run(t, program, env, r.Archive)
		require.Equal(t, verifier.Leak, v.Code, "%s", v.Text)
		places := strings.Join(v.Places(), "\n")
		require.Regexp(t, `(?m)^config history\[\d+\]\.created_by API token$`, places)
		require.Regexp(t, `(?m)^attestation .*build-arg:DT_API_TOKEN API token$`, places)
	})
	t.Run("copied code modules", func(t *testing.T) {
		in, err := env.Installer(cluster.Spec{Version: cluster.DefaultTarget, Arch: "x86", Flavor: "default", Type: cluster.TypePaaSScript})
		require.NoError(t, err)
		require.NotEmpty(t, in.Links)
		r := buildx.Build(t, buildx.Request{
			Dockerfile: "FROM debian:bookworm-slim\nCOPY --from=agent / /opt/\nENV LD_PRELOAD=/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so\n",
			Args:       []string{"--build-context", "agent=" + tenant.Install(t, in.Path)},
		})
		v := verifier.Run(t, program, env, r.Archive)
		require.Equal(t, verifier.Leak, v.Code, "%s", v.Text)
		require.True(t, v.Platforms[0].Instrumented)
		require.Equal(t, "others", v.Platforms[0].By)
		require.Equal(t, "LD_PRELOAD", v.Platforms[0].Start)
		places := strings.Join(v.Places(), "\n")
		for _, l := range in.Links {
			name := l.Path
			if l.Place == cluster.PlaceFileName {
				name = filepath.Join(filepath.Dir(name), "…")
			}
			require.Contains(t, places, "layer opt/dynatrace/oneagent/"+name, "%s, %s, %s", l.Name, l.Place, l.Encoding)
		}
	})
}
