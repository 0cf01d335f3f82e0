package build

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// baseImage builds and pushes a base image that somebody else has written.
func baseImage(t *testing.T, name, instructions string) string {
	t.Helper()
	ref := testenv.Registry(t) + "/" + name + ":latest"
	buildx.Build(t, buildx.Request{Dockerfile: "FROM debian:bookworm-slim\n" + instructions, Output: "type=image,push=true,name=" + ref})
	return ref
}

// TestImageEnv_SendsNoToken: the base image decides where the token would go that
// whoever starts the container gives.
func TestImageEnv_SendsNoToken(t *testing.T) {
	env := tenant.New(t)
	base := baseImage(t, "steers", "ENV DT_API_URL="+env.APIURL()+"\nENTRYPOINT [\"/bin/sleep\", \"0\"]\n")
	app := buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM " + base + "\n", Secrets: tenant.Secrets(env)}
	r := buildx.Build(t, app)
	require.Contains(t, r.Output, "base image "+base+": ENV DT_API_URL decides where dt-start sends the API token")
	start := func(r buildx.Result, more ...string) (said string, asked int) {
		before := len(env.Requests())
		c := container.Run(t, r, func(s *runc.Spec) {
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

	app.Args = buildx.Options("image-trust=allow")
	_, asked = start(buildx.Build(t, app))
	require.NotZero(t, asked)
	app.Args = buildx.Options("image-trust=refuse")
	require.Contains(t, buildx.LastError(t, buildx.Fails(t, app)), "ENV DT_API_URL decides where dt-start sends the API token")
}

// TestImageEnv_BaseImagesAreLookedInto for tokens, and for steps that read the
// agent's secrets.
func TestImageEnv_BaseImagesAreLookedInto(t *testing.T) {
	env := tenant.New(t)
	for name, tt := range map[string]struct{ instructions, want string }{
		"a token":   {"ENV DT_PAAS_TOKEN=x\n", "ENV DT_PAAS_TOKEN puts a token into"},
		"a trigger": {"ONBUILD RUN --mount=type=secret,id=DT_API_TOKEN cat /run/secrets/DT_API_TOKEN > /stolen\n", "this step can read secret DT_API_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			base := baseImage(t, strings.ReplaceAll(name, " ", "-"), tt.instructions)
			r := buildx.Fails(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n# check=skip=all\nFROM " + base + "\n", Secrets: tenant.Secrets(env)})
			require.Contains(t, buildx.LastError(t, r), tt.want)
			require.Contains(t, r.Output, ">>> FROM "+base)
		})
	}
}
