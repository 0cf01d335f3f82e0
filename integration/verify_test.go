package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// Exit codes of dt-verify.
const (
	verifiedClean           = 0
	verifiedLeak            = 1
	verifiedNotInstrumented = 2
)

// verified is what dt-verify says.
type verified struct {
	code      int
	text      string
	Platforms []struct {
		Platform, By, Mode, Version, Flavor, Config, Start, LDPreload string

		Instrumented bool
		AgentLayer   *struct{ DiffID, Content string }
		Wrong        string `json:"wrongAgentLayer"`
		Technologies []string
		Notes        []string
	}
	Leaks []struct{ Part, Path, Kind, Form, Inside string }
}

// places returns where values leak, each once.
func (v verified) places() []string {
	var out []string
	for _, l := range v.Leaks {
		out = append(out, l.Part+" "+l.Path+" "+l.Kind)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// buildVerify builds dt-verify as its users have it.
func buildVerify(t testing.TB) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "dt-verify")
	cmd := exec.Command("go", "build", "-o", name, "./cmd/dt-verify")
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return name
}

// verify looks at an image for all that is known of an environment.
func verify(t testing.TB, program string, env *cluster.Environment, args ...string) verified {
	t.Helper()
	secrets := filepath.Join(t.TempDir(), "secrets")
	require.NoError(t, os.WriteFile(secrets, fmt.Appendf(nil, "DT_API_TOKEN=%s\nDT_TENANT=%s\nDT_TENANTTOKEN=%s\nDT_API_URL=%s\nDT_CONNECTION_POINT=%s\n",
		env.APIToken(), env.ID(), env.TenantToken(), env.APIURL(), strings.Join(env.Endpoints(), ";")), 0o600))
	cmd := exec.Command(program, append([]string{"--format=json", "--secret-file", secrets}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	require.True(t, err == nil || errors.As(err, &exit), "%v", err)
	v := verified{code: cmd.ProcessState.ExitCode(), text: stdout.String() + stderr.String()}
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &v), "%s", v.text)
	requireNoSecrets(t, v.text, env)
	return v
}

// The images that this project builds are clean, wherever they lie.
func TestVerifyFindsNothingInOurImages(t *testing.T) {
	program := buildVerify(t)
	env := newEnvironment(t, cluster.WithIgnoredSkipMetadata())
	ref := registry(t) + "/verified:latest"
	layout := filepath.Join(t.TempDir(), "layout")
	app := request{dockerfile: debianApp, secrets: withSecrets(env)}
	with := func(output string, args ...string) request {
		r := app
		r.output, r.args = output, args
		return r
	}
	tests := map[string]struct {
		request request
		image   string
	}{
		"archive":            {with("", "--provenance=mode=max"), ""},
		"layout":             {with("type=oci,tar=false,dest=" + layout), "oci-layout://" + layout},
		"zstd in a registry": {with("type=image,push=true,compression=zstd,force-compression=true,name="+ref, "--provenance=mode=max"), ref},
		"archive for docker": {with("type=docker,dest="+filepath.Join(t.TempDir(), "saved.tar"), "--provenance=false"), ""},
		"in the environment": {with("", withOptions("preload=env")...), ""},
		"another C library":  {request{dockerfile: smallApp, secrets: withSecrets(env)}, ""},
		"for two processors": {request{
			dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n", secrets: withSecrets(env),
			args: []string{"--platform=linux/amd64,linux/arm64"},
		}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := build(t, tt.request)
			image := tt.image
			if image == "" {
				image = r.archive
			}
			if _, dest, ok := strings.Cut(tt.request.output, "dest="); ok && image == "" {
				image = dest
			}
			v := verify(t, program, env, image)
			require.Equal(t, verifiedClean, v.code, "%s", v.text)
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
				require.Equal(t, verifiedClean, verify(t, program, env, image, "--agent-layer", layer.DiffID).code)
				require.Equal(t, verifiedLeak, verify(t, program, env, image, "--agent-layer", noDigest).code)
			}
		})
	}
}

func TestVerifyKnowsOtherImagesOfOurs(t *testing.T) {
	program := buildVerify(t)
	env := newEnvironment(t)
	v := verify(t, program, env, build(t, request{dockerfile: debianApp, args: withOptions("mode=runtime")}).archive)
	require.Equal(t, verifiedClean, v.code, "%s", v.text)
	require.Equal(t, "runtime", v.Platforms[0].Mode)

	v = verify(t, program, env, build(t, request{dockerfile: debianApp, args: withOptions("mode=off")}).archive)
	require.Equal(t, verifiedNotInstrumented, v.code, "%s", v.text)

	name, _ := agentImage(t, env)
	v = verify(t, program, env, name)
	require.Equal(t, verifiedNotInstrumented, v.code, "%s", v.text)
	require.Equal(t, "agent", v.Platforms[0].Mode)
}

// The ways that the vendor's documentation shows.
func TestVerifyFindsLeaksInOthersImages(t *testing.T) {
	program := buildVerify(t)
	env := newEnvironment(t, cluster.WithIgnoredSkipMetadata(), cluster.WithOddPlaces(cluster.Places...))
	t.Run("token as a build arg", func(t *testing.T) {
		r := build(t, request{
			dockerfile: "FROM debian:bookworm-slim\nARG DT_API_TOKEN\nRUN echo \"$DT_API_TOKEN\" >/dev/null\n",
			args:       []string{"--build-arg", "DT_API_TOKEN=" + env.APIToken(), "--provenance=mode=max"},
		})
		v := verify(t, program, env, r.archive)
		require.Equal(t, verifiedLeak, v.code, "%s", v.text)
		places := strings.Join(v.places(), "\n")
		require.Regexp(t, `(?m)^config history\[\d+\]\.created_by API token$`, places)
		require.Regexp(t, `(?m)^attestation .*build-arg:DT_API_TOKEN API token$`, places)
	})
	t.Run("copied code modules", func(t *testing.T) {
		in, err := env.Installer(cluster.Spec{Version: cluster.DefaultTarget, Arch: "x86", Flavor: "default", Type: cluster.TypePaaSScript})
		require.NoError(t, err)
		require.NotEmpty(t, in.Links)
		r := build(t, request{
			dockerfile: "FROM debian:bookworm-slim\nCOPY --from=agent / /opt/\nENV LD_PRELOAD=/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so\n",
			args:       []string{"--build-context", "agent=" + installedAgent(t, in.Path)},
		})
		v := verify(t, program, env, r.archive)
		require.Equal(t, verifiedLeak, v.code, "%s", v.text)
		require.True(t, v.Platforms[0].Instrumented)
		require.Equal(t, "others", v.Platforms[0].By)
		require.Equal(t, "LD_PRELOAD", v.Platforms[0].Start)
		places := strings.Join(v.places(), "\n")
		for _, l := range in.Links {
			name := l.Path
			if l.Place == cluster.PlaceFileName {
				name = filepath.Join(filepath.Dir(name), "…")
			}
			require.Contains(t, places, "layer opt/dynatrace/oneagent/"+name, "%s, %s, %s", l.Name, l.Place, l.Encoding)
		}
	})
}
