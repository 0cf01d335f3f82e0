package integration

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/stretchr/testify/require"
)

// digestOf asks the registry for the digest of an image.
func digestOf(t *testing.T, ref string) string {
	t.Helper()
	out, err := command(t, nil, "crane", "digest", "--insecure", ref)
	require.NoError(t, err, out)
	return strings.TrimSpace(out)
}

// A builder that reaches nobody builds with an agent image that the client has
// in a folder. The frontend's and the base image it holds already, by digest.
func TestABuildWithNoNetworkAtAll(t *testing.T) {
	env := newEnvironment(t)
	layout := filepath.Join(t.TempDir(), "layout")
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n", secrets: withSecrets(env),
		output: "type=oci,tar=false,dest=" + layout + ",name=docker.io/library/agent:latest", args: []string{"--provenance=false"},
	})
	agents := result{archive: layout}.layout(t)
	agent, err := agents.Image("")
	require.NoError(t, err, r.output)

	pin := strings.NewReplacer(
		"SYNTAX", frontendRef(t)+"@"+digestOf(t, frontendRef(t)),
		"BASE", "debian:bookworm-slim@"+digestOf(t, registry(t)+"/library/debian:bookworm-slim"),
	)
	app := request{dockerfile: pin.Replace("# syntax=SYNTAX\nFROM BASE\nRUN echo hello >/greeting\nCMD [\"/bin/sleep\", \"0\"]\n")}
	builder := newBuilder(t, daemon.Options{})
	app.env = builder.Env()
	warm := app
	warm.args = append(withOptions("mode=off"), "--no-cache")
	build(t, warm)
	builder.GoOffline()

	asked := len(env.Requests())
	alone := app
	alone.secrets = withSecrets(env)
	require.Contains(t, lastError(t, buildFails(t, alone)), "dynatrace: cannot reach", "control: nobody can be reached")
	for name, ref := range map[string]string{
		"by tag":    layout + ":latest",
		"by digest": layout + "@" + agent.Descriptor.Digest.String(),
	} {
		t.Run(name, func(t *testing.T) {
			app := app
			app.args = []string{"--build-context", "dynatrace-agent=oci-layout://" + ref}
			r := build(t, app)
			require.Equal(t, env.Marker(), marker(t, r))
			require.Equal(t, agent.DiffIDs()[0].String(), agentDiffID(t, r))
			run(t, r, func(s *runcSpec) { s.Env = agentDetails(env) })
			requireCheckIn(t, env, "sleep")
		})
	}
	require.Len(t, env.Requests(), asked+2, "the agents' check-ins alone")
}
