package inspect

import (
	"encoding/json"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/stretchr/testify/require"
)

// AgentStatement returns what our statement says.
func AgentStatement(t testing.TB, r buildx.Result) map[string]any {
	t.Helper()
	return Predicate(t, r, "https://github.com/org/dt-frontend/agent/v1")
}

// Predicate returns what the one statement of a kind says about an image.
func Predicate(t testing.TB, r buildx.Result, kind string) map[string]any {
	t.Helper()
	atts, err := r.Image(t).Attestations()
	require.NoError(t, err)
	var found []map[string]any
	for _, a := range atts {
		if a.PredicateType == kind {
			var statement struct {
				Predicate map[string]any `json:"predicate"`
			}
			require.NoError(t, json.Unmarshal(a.Statement, &statement))
			found = append(found, statement.Predicate)
		}
	}
	require.Len(t, found, 1, "statements of kind %s", kind)
	return found[0]
}

// Provenance is the part of BuildKit's provenance that says what was built, and
// of what.
type Provenance struct {
	BuildDefinition struct {
		ResolvedDependencies []struct {
			URI    string            `json:"uri"`
			Digest map[string]string `json:"digest"`
		} `json:"resolvedDependencies"`
		InternalParameters struct {
			BuildConfig struct {
				Definition []struct {
					Op struct {
						Op struct {
							Exec struct {
								Meta struct {
									Args []string `json:"args"`
								} `json:"meta"`
							} `json:"exec"`
						} `json:"Op"`
						Platform struct{ Architecture string }
					} `json:"op"`
				} `json:"llbDefinition"`
			} `json:"buildConfig"`
		} `json:"internalParameters"`
	} `json:"buildDefinition"`
}

// ProvenanceOf returns an image's provenance, which the build must have been
// asked for with mode=max.
func ProvenanceOf(t testing.TB, r buildx.Result) Provenance {
	t.Helper()
	dt, err := json.Marshal(Predicate(t, r, "https://slsa.dev/provenance/v1"))
	require.NoError(t, err)
	var p Provenance
	require.NoError(t, json.Unmarshal(dt, &p))
	return p
}
