package buildx

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// AgentImage makes an agent image, as a trusted job does, and returns its name
// and its digest.
func AgentImage(t testing.TB, env *cluster.Environment, args ...string) (name, digest string) {
	t.Helper()
	name = testenv.Registry(t) + "/agents/" + strings.ToLower(env.ID()) + ":latest"
	metadata := filepath.Join(t.TempDir(), "metadata.json")
	Build(t, Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n",
		Secrets:    tenant.Secrets(env), Output: "type=image,push=true,name=" + name,
		Args: append([]string{"--provenance=false", "--metadata-file=" + metadata}, args...),
	})
	dt, err := os.ReadFile(metadata)
	require.NoError(t, err)
	var m struct {
		Digest string `json:"containerimage.digest"`
	}
	require.NoError(t, json.Unmarshal(dt, &m))
	require.NotEmpty(t, m.Digest)
	return name, m.Digest
}

// FromContext is a build that takes its agent from a context, and has no secret.
func FromContext(context string) Request {
	return Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCMD [\"/bin/sleep\", \"0\"]\n",
		Args:       []string{"--build-context", "dynatrace-agent=" + context},
	}
}
