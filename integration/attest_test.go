package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// scanner is an SBOM scanner by BuildKit's protocol that lists files: enough to
// see what it was shown.
const scanner = `FROM busybox:1.37-musl
COPY scan /scan
ENTRYPOINT ["/bin/busybox", "sh", "/scan"]
`

const scanScript = `set -e
cd "$BUILDKIT_SCAN_SOURCE"
{
  echo '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"test","dataLicense":"CC0-1.0","documentNamespace":"urn:test",'
  echo '"creationInfo":{"created":"1970-01-01T00:00:00Z","creators":["Tool: test"]},"comment":"'
  find . -type f | tr '\n' ' '
  echo '"}}'
} | tr -d '\n' > "$BUILDKIT_SCAN_DESTINATION/sbom.spdx.json"
`

// pushScanner returns the scanner's name in the registry.
func pushScanner(t testing.TB) string {
	t.Helper()
	ref := registry(t) + "/scanner:latest"
	build(t, request{dockerfile: scanner, files: map[string]string{"scan": scanScript}, output: "type=image,name=" + ref + ",push=true"})
	return ref
}

// The scanner sees the image as it will be, the agent included.
func TestSBOMCoversTheAgent(t *testing.T) {
	env := newEnvironment(t)
	ref := pushScanner(t)
	r := build(t, request{
		dockerfile: smallApp,
		secrets:    withSecrets(env),
		args:       []string{"--attest=type=sbom,generator=" + ref},
	})
	atts, err := r.image(t).Attestations()
	require.NoError(t, err)
	var sbom, own string
	for _, a := range atts {
		switch {
		case strings.Contains(string(a.Statement), `"name":"test"`):
			sbom = string(a.Statement)
		case a.PredicateType == "https://spdx.dev/Document":
			own = string(a.Statement)
		}
	}
	require.Contains(t, own, "pkg:generic/dynatrace-one-agent@"+cluster.DefaultTarget, "beside it is a statement of ours")
	require.NotEmpty(t, sbom, r.output)
	require.Contains(t, sbom, "opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so")
	require.Contains(t, sbom, "opt/dynatrace/oneagent.spdx.json")
	require.Contains(t, sbom, "bin/busybox", "and the app")
}

// What an exec downloads is no material of BuildKit's provenance, so a statement
// of ours names it.
func TestAStatementNamesTheAgent(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: []string{"--provenance=mode=max"}})
	img := r.image(t)
	got := agentStatement(t, r)
	require.Equal(t, cluster.DefaultTarget, got["version"])
	require.Equal(t, img.Config.Config.Labels[agentLayerLabel], got["agentLayer"])
	require.Equal(t, env.Installers()[0].SHA256, got["installerSHA256"])
	require.Regexp(t, "^sha256:[0-9a-f]{64}$", got["frontend"])
	helper, err := os.ReadFile(filepath.Join(r.unpack(t), "opt/dynatrace/dt-start"))
	require.NoError(t, err)
	require.Equal(t, digest.FromBytes(helper).Encoded(), got["dtStartSHA256"])

	// Without attestations an image stays a plain one.
	r = build(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: []string{"--provenance=false"}})
	atts, err := r.image(t).Attestations()
	require.NoError(t, err)
	require.Empty(t, atts)
}

// agentStatement returns what our statement says.
func agentStatement(t testing.TB, r result) map[string]any {
	t.Helper()
	return predicate(t, r, "https://github.com/org/dt-frontend/agent/v1")
}

// predicate returns what the one statement of a kind says about an image.
func predicate(t testing.TB, r result, kind string) map[string]any {
	t.Helper()
	atts, err := r.image(t).Attestations()
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
