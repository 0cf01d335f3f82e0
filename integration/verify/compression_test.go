package verify

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/harness/verifier"
	"github.com/stretchr/testify/require"
)

// The gate knows the agent layer in every form that BuildKit writes.
func TestVerify_KnowsTheLayerInEveryForm(t *testing.T) {
	env := tenant.New(t)
	program := verifier.Build(t)
	app := buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENTRYPOINT [\"/bin/sleep\", \"0\"]\n", Secrets: tenant.Secrets(env)}
	want := buildx.Build(t, app).Image(t).Config.Config.Labels[inspect.LayerLabel]
	require.NotEmpty(t, want)
	for name, lazy := range map[string]bool{"gzip": false, "zstd": false, "uncompressed": false, "estargz": true} {
		t.Run(name, func(t *testing.T) {
			ref := testenv.Registry(t) + "/form-" + strings.ToLower(rand.Text()) + ":" + name
			app := app
			app.Output = "type=image,push=true,oci-mediatypes=true,compression=" + name + ",force-compression=true,name=" + ref
			buildx.Build(t, app)
			v := verifier.Run(t, program, env, "--agent-layer", want, ref)
			require.Equal(t, verifier.Clean, v.Code, v.Text)
			p := v.Platforms[0]
			require.Empty(t, p.Wrong)
			notes := strings.Join(p.Notes, "\n")
			require.NotContains(t, notes, "which it is not", "the label counts")
			if lazy {
				require.NotEqual(t, want, p.AgentLayer.DiffID, "control: it has a diff ID of its own")
				require.Equal(t, want, p.AgentLayer.Content)
				require.Contains(t, notes, "eStargz")
			} else {
				require.Equal(t, want, p.AgentLayer.DiffID)
				require.Empty(t, p.AgentLayer.Content)
			}
			v = verifier.Run(t, program, env, "--agent-layer", inspect.NoDigest, ref)
			require.Equal(t, verifier.Leak, v.Code)
			require.Contains(t, v.Platforms[0].Wrong, "its agent layer is")
		})
	}
}
