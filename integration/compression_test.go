package integration

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The gate knows the agent layer in every form that BuildKit writes.
func TestTheGateKnowsTheLayerInEveryForm(t *testing.T) {
	env := newEnvironment(t)
	program := buildVerify(t)
	app := request{dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENTRYPOINT [\"/bin/sleep\", \"0\"]\n", secrets: withSecrets(env)}
	want := build(t, app).image(t).Config.Config.Labels[agentLayerLabel]
	require.NotEmpty(t, want)
	for name, lazy := range map[string]bool{"gzip": false, "zstd": false, "uncompressed": false, "estargz": true} {
		t.Run(name, func(t *testing.T) {
			ref := registry(t) + "/form-" + strings.ToLower(rand.Text()) + ":" + name
			app := app
			app.output = "type=image,push=true,oci-mediatypes=true,compression=" + name + ",force-compression=true,name=" + ref
			build(t, app)
			v := verify(t, program, env, "--agent-layer", want, ref)
			require.Equal(t, verifiedClean, v.code, v.text)
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
			v = verify(t, program, env, "--agent-layer", noDigest, ref)
			require.Equal(t, verifiedLeak, v.code)
			require.Contains(t, v.Platforms[0].Wrong, "its agent layer is")
		})
	}
}
