package integration

import (
	"encoding/json"
	"runtime"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// provenance is what BuildKit's own tells of steps.
type provenance struct {
	Predicate struct {
		BuildDefinition struct {
			InternalParameters struct {
				BuildConfig struct {
					LLBDefinition []struct {
						Op struct {
							Op struct {
								Exec *struct {
									Meta struct{ Args []string }
								}
							}
							Platform struct{ Architecture string }
						}
					} `json:"llbDefinition"`
				} `json:"buildConfig"`
			} `json:"internalParameters"`
		} `json:"buildDefinition"`
	} `json:"predicate"`
}

// Whatever a build is for, its steps are run by the builder's own processor.
func TestStepsRunNatively(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian-files:bookworm\n",
		secrets:    withSecrets(env),
		args:       []string{"--platform=linux/s390x", "--provenance=mode=max"},
	})
	requireAgent(t, r.image(t), agent.FlavorDefault)
	atts, err := r.image(t).Attestations()
	require.NoError(t, err)
	ran := map[string]string{}
	for _, a := range atts {
		var p provenance
		require.NoError(t, json.Unmarshal(a.Statement, &p))
		for _, step := range p.Predicate.BuildDefinition.InternalParameters.BuildConfig.LLBDefinition {
			if exec := step.Op.Op.Exec; exec != nil {
				ran[exec.Meta.Args[1]] = step.Op.Platform.Architecture
			}
		}
	}
	native := runtime.GOARCH
	require.Equal(t, map[string]string{"resolve": native, "download": native, "install": native}, ran)
}
