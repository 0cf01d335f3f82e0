package build

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

// Provenance has the agent's steps beside the app's, and the frontend as one of
// its materials.
func TestAttestation_ProvenanceHasTheAgentsSteps(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN true\n", Secrets: tenant.Secrets(env), Args: []string{"--provenance=mode=max"},
	})
	p := inspect.ProvenanceOf(t, r)
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
			require.Equal(t, inspect.AgentStatement(t, r)["frontend"], "sha256:"+digest)
		}
	}
	search.RequireNoSecrets(t, string(mustJSON(t, p)), env)
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	dt, err := json.Marshal(v)
	require.NoError(t, err)
	return dt
}
