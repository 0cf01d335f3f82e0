package network

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// digestOf asks the registry for the digest of an image.
func digestOf(t *testing.T, ref string) string {
	t.Helper()
	out, err := testenv.Command(t, nil, "crane", "digest", "--insecure", ref)
	require.NoError(t, err, out)
	return strings.TrimSpace(out)
}

// A builder that reaches nobody builds with an agent image that the client has
// in a folder. The frontend's and the base image it holds already, by digest.
func TestNetwork_BuilderReachesNobody(t *testing.T) {
	env := tenant.New(t)
	layout := filepath.Join(t.TempDir(), "layout")
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n", Secrets: tenant.Secrets(env),
		Output: "type=oci,tar=false,dest=" + layout + ",name=docker.io/library/agent:latest", Args: []string{"--provenance=false"},
	})
	agents := buildx.Result{Archive: layout}.Layout(t)
	agent, err := agents.Image("")
	require.NoError(t, err, r.Output)

	pin := strings.NewReplacer(
		"SYNTAX", testenv.Frontend(t)+"@"+digestOf(t, testenv.Frontend(t)),
		"BASE", "debian:bookworm-slim@"+digestOf(t, testenv.Registry(t)+"/library/debian:bookworm-slim"),
	)
	app := buildx.Request{Dockerfile: pin.Replace("# syntax=SYNTAX\nFROM BASE\nRUN echo hello >/greeting\nCMD [\"/bin/sleep\", \"0\"]\n")}
	builder := daemon.New(t, daemon.Options{})
	app.Env = builder.Env()
	warm := app
	warm.Args = append(buildx.Options("mode=off"), "--no-cache")
	buildx.Build(t, warm)
	builder.GoOffline()

	asked := len(env.Requests())
	alone := app
	alone.Secrets = tenant.Secrets(env)
	require.Contains(t, buildx.LastError(t, buildx.Fails(t, alone)), "dynatrace: cannot reach", "control: nobody can be reached")
	for name, ref := range map[string]string{
		"by tag":    layout + ":latest",
		"by digest": layout + "@" + agent.Descriptor.Digest.String(),
	} {
		t.Run(name, func(t *testing.T) {
			app := app
			app.Args = []string{"--build-context", "dynatrace-agent=oci-layout://" + ref}
			r := buildx.Build(t, app)
			require.Equal(t, env.Marker(), inspect.Marker(t, r))
			require.Equal(t, agent.DiffIDs()[0].String(), inspect.AgentDiffID(t, r))
			container.Run(t, r, func(s *runc.Spec) { s.Env = tenant.AgentDetails(env) })
			tenant.RequireCheckIn(t, env, "sleep")
		})
	}
	for _, request := range env.Requests()[asked:] {
		require.Equal(t, cluster.EndpointCommunication, request.Endpoint, "only the agents ask for anything")
	}
}
