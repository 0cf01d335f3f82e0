package platforms

import (
	"runtime"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// Whatever a build is for, its steps are run by the builder's own processor.
func TestPlatform_StepsRunNatively(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian-files:bookworm\n",
		Secrets:    tenant.Secrets(env),
		Args:       []string{"--platform=linux/s390x", "--provenance=mode=max"},
	})
	requireAgent(t, r.Image(t), agent.FlavorDefault)
	ran := map[string]string{}
	for _, step := range inspect.ProvenanceOf(t, r).BuildDefinition.InternalParameters.BuildConfig.Definition {
		if args := step.Op.Op.Exec.Meta.Args; len(args) > 0 {
			ran[args[1]] = step.Op.Platform.Architecture
		}
	}
	native := runtime.GOARCH
	require.Equal(t, map[string]string{"resolve": native, "download": native, "install": native}, ran)
}
