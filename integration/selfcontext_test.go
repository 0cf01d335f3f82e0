package integration

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/stretchr/testify/require"
)

// Whoever works on the frontend, or has no registry at hand, puts another image
// in the place of the one that the syntax line names. Where its tools are the
// same nothing is downloaded again for it.
func TestANamedContextOverridesTheFrontend(t *testing.T) {
	env := newEnvironment(t)
	build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})

	layout := filepath.Join(t.TempDir(), "frontend")
	out, err := command(t, nil, "crane", "pull", "--format=oci", frontendRef(t), layout)
	require.NoError(t, err, out)
	for name, from := range map[string]string{
		"OCI layout": "oci-layout://" + layout,
		"image":      "docker-image://" + frontendRef(t),
	} {
		t.Run(name, func(t *testing.T) {
			r := build(t, request{
				// Nobody has this image.
				dockerfile: "# syntax=nowhere.invalid/dt-frontend:1\nFROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n",
				secrets:    withSecrets(env),
				args:       []string{"--build-context=nowhere.invalid/dt-frontend:1=" + from},
			})
			requireInstrumented(t, r, env.Marker(), "true")
			require.Equal(t, 1, installers(env))
		})
	}
}

// A program hands its own frontend in, as an input that is no image at all.
func TestAnInputIsTheFrontend(t *testing.T) {
	env := newEnvironment(t)
	config, err := command(t, nil, "crane", "config", "--platform=linux/amd64", frontendRef(t))
	require.NoError(t, err, config)
	metadata, err := json.Marshal(map[string][]byte{"containerimage.config": []byte(config)})
	require.NoError(t, err)
	self := llb.Image(frontendRef(t), llb.LinuxAmd64).File(llb.Mkfile("/changed", 0o644, nil))
	r := solveRequest{
		frontend: "gateway.v0",
		attrs: map[string]string{
			"source": "dt", "context:dt": "input:dt", "input-metadata:dt": string(metadata),
			"attest:provenance": "mode=max",
		},
		inputs: map[string]llb.State{
			"dt":         self,
			"dockerfile": textFile("Dockerfile", "FROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n"),
		},
		secrets: withSecrets(env),
	}.run(t)
	requireInstrumented(t, r, env.Marker(), "true")
	require.NotContains(t, agentStatement(t, r), "frontend", "what is no image has no digest")
}
