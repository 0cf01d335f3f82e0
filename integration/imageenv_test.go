package integration

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// baseImage builds and pushes a base image that somebody else has written.
func baseImage(t *testing.T, name, instructions string) string {
	t.Helper()
	ref := registry(t) + "/" + name + ":latest"
	build(t, request{dockerfile: "FROM debian:bookworm-slim\n" + instructions, output: "type=image,push=true,name=" + ref})
	return ref
}

// TestImageEnv_SendsNoToken: the base image decides where the token would go that
// whoever starts the container gives.
func TestImageEnv_SendsNoToken(t *testing.T) {
	env := newEnvironment(t)
	base := baseImage(t, "steers", "ENV DT_API_URL="+env.APIURL()+"\nENTRYPOINT [\"/bin/sleep\", \"0\"]\n")
	app := request{dockerfile: "# syntax=SYNTAX\nFROM " + base + "\n", secrets: withSecrets(env)}
	r := build(t, app)
	require.Contains(t, r.output, "base image "+base+": ENV DT_API_URL decides where dt-start sends the API token")
	start := func(r result, more ...string) (said string, asked int) {
		before := len(env.Requests())
		c := run(t, r, func(s *runcSpec) {
			s.Env = append([]string{"DT_API_TOKEN=" + env.APIToken(), "DT_TENANT=" + env.ID()}, more...)
		})
		code, err := c.Wait()
		require.NoError(t, err)
		require.Zero(t, code, "the app starts")
		return c.Stderr(), len(env.Requests()) - before
	}
	said, asked := start(r)
	require.Zero(t, asked, "the token goes nowhere")
	require.Contains(t, said, "since the image itself sets DT_API_URL")
	require.Equal(t, 1, strings.Count(said, "\n"), said)
	_, asked = start(r, "DT_START_TRUST_IMAGE=true")
	require.NotZero(t, asked, "control: whoever starts it trusts the image")

	app.args = withOptions("image-trust=allow")
	_, asked = start(build(t, app))
	require.NotZero(t, asked)
	app.args = withOptions("image-trust=refuse")
	require.Contains(t, lastError(t, buildFails(t, app)), "ENV DT_API_URL decides where dt-start sends the API token")
}

// TestImageEnv_BaseImagesAreLookedInto for tokens, and for steps that read the
// agent's secrets.
func TestImageEnv_BaseImagesAreLookedInto(t *testing.T) {
	env := newEnvironment(t)
	for name, tt := range map[string]struct{ instructions, want string }{
		"a token":   {"ENV DT_PAAS_TOKEN=x\n", "ENV DT_PAAS_TOKEN puts a token into"},
		"a trigger": {"ONBUILD RUN --mount=type=secret,id=DT_API_TOKEN cat /run/secrets/DT_API_TOKEN > /stolen\n", "this step can read secret DT_API_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			base := baseImage(t, strings.ReplaceAll(name, " ", "-"), tt.instructions)
			r := buildFails(t, request{dockerfile: "# syntax=SYNTAX\n# check=skip=all\nFROM " + base + "\n", secrets: withSecrets(env)})
			require.Contains(t, lastError(t, r), tt.want)
			require.Contains(t, r.output, ">>> FROM "+base)
		})
	}
}
