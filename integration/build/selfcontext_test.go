package build

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/solver"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// Whoever works on the frontend, or has no registry at hand, puts another image
// in the place of the one that the syntax line names. Where its tools are the
// same nothing is downloaded again for it.
func TestSyntax_NamedContextOverridesTheFrontend(t *testing.T) {
	env := tenant.New(t)
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})

	layout := filepath.Join(t.TempDir(), "frontend")
	out, err := testenv.Command(t, nil, "crane", "pull", "--format=oci", testenv.Frontend(t), layout)
	require.NoError(t, err, out)
	for name, from := range map[string]string{
		"OCI layout": "oci-layout://" + layout,
		"image":      "docker-image://" + testenv.Frontend(t),
	} {
		t.Run(name, func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{
				// Nobody has this image.
				Dockerfile: "# syntax=nowhere.invalid/dt-frontend:1\nFROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n",
				Secrets:    tenant.Secrets(env),
				Args:       []string{"--build-context=nowhere.invalid/dt-frontend:1=" + from},
			})
			inspect.RequireInstrumented(t, r, env.Marker(), "true")
			require.Equal(t, 1, tenant.Downloads(env))
		})
	}
}

// A program hands its own frontend in, as an input that is no image at all.
func TestSyntax_InputIsTheFrontend(t *testing.T) {
	env := tenant.New(t)
	config, err := testenv.Command(t, nil, "crane", "config", "--platform=linux/amd64", testenv.Frontend(t))
	require.NoError(t, err, config)
	metadata, err := json.Marshal(map[string][]byte{"containerimage.config": []byte(config)})
	require.NoError(t, err)
	self := llb.Image(testenv.Frontend(t), llb.LinuxAmd64).File(llb.Mkfile("/changed", 0o644, nil))
	r := solver.Request{
		Frontend: "gateway.v0",
		Attrs: map[string]string{
			"source": "dt", "context:dt": "input:dt", "input-metadata:dt": string(metadata),
			"attest:provenance": "mode=max",
		},
		Inputs: map[string]llb.State{
			"dt":         self,
			"dockerfile": solver.TextFile("Dockerfile", "FROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n"),
		},
		Secrets: tenant.Secrets(env),
	}.Run(t)
	inspect.RequireInstrumented(t, r, env.Marker(), "true")
	require.NotContains(t, inspect.AgentStatement(t, r), "frontend", "what is no image has no digest")
}
