package integration

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// provenance is the part of BuildKit's provenance that says what was built, and
// of what.
type provenance struct {
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

func provenanceOf(t *testing.T, r result) provenance {
	t.Helper()
	dt, err := json.Marshal(predicate(t, r, "https://slsa.dev/provenance/v1"))
	require.NoError(t, err)
	var p provenance
	require.NoError(t, json.Unmarshal(dt, &p))
	return p
}

// Provenance has the agent's steps beside the app's, and the frontend as one of
// its materials.
func TestProvenanceHasTheAgentsSteps(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN true\n", secrets: withSecrets(env), args: []string{"--provenance=mode=max"},
	})
	p := provenanceOf(t, r)
	var execs []string
	for _, step := range p.BuildDefinition.InternalParameters.BuildConfig.Definition {
		if args := step.Op.Op.Exec.Meta.Args; len(args) > 0 {
			execs = append(execs, strings.Join(args[:2], " "))
		}
	}
	require.ElementsMatch(t, []string{
		"/bin/sh -c", "/bin/dt-install resolve", "/bin/dt-install download", "/bin/dt-install install",
	}, execs)

	digests := map[string]string{}
	for _, d := range p.BuildDefinition.ResolvedDependencies {
		digests[d.URI] = d.Digest["sha256"]
	}
	require.Len(t, digests, 2)
	require.Contains(t, digests, "pkg:docker/debian@bookworm-slim?platform=linux%2Famd64")
	for uri, digest := range digests {
		if strings.Contains(uri, "/dt-frontend@") {
			require.Equal(t, agentStatement(t, r)["frontend"], "sha256:"+digest)
		}
	}
	requireNoSecrets(t, string(mustJSON(t, p)), env)
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	dt, err := json.Marshal(v)
	require.NoError(t, err)
	return dt
}
