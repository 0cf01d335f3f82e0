package build

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/sbom"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// The scanner sees the image as it will be, the agent included.
func TestAttestation_SBOMCoversTheAgent(t *testing.T) {
	env := tenant.New(t)
	ref := sbom.PushScanner(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: buildx.SmallApp,
		Secrets:    tenant.Secrets(env),
		Args:       []string{"--attest=type=sbom,generator=" + ref},
	})
	atts, err := r.Image(t).Attestations()
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
	require.NotEmpty(t, sbom, r.Output)
	require.Contains(t, sbom, "opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so")
	require.Contains(t, sbom, "opt/dynatrace/oneagent.spdx.json")
	require.Contains(t, sbom, "bin/busybox", "and the app")
}

// What an exec downloads is no material of BuildKit's provenance, so a statement
// of ours names it.
func TestAttestation_StatementNamesTheAgent(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: []string{"--provenance=mode=max"}})
	img := r.Image(t)
	got := inspect.AgentStatement(t, r)
	require.Equal(t, cluster.DefaultTarget, got["version"])
	require.Equal(t, img.Config.Config.Labels[inspect.LayerLabel], got["agentLayer"])
	require.Equal(t, env.Installers()[0].SHA256, got["installerSHA256"])
	require.Regexp(t, "^sha256:[0-9a-f]{64}$", got["frontend"])
	helper, err := os.ReadFile(filepath.Join(r.Unpack(t), "opt/dynatrace/dt-start"))
	require.NoError(t, err)
	require.Equal(t, digest.FromBytes(helper).Encoded(), got["dtStartSHA256"])

	// Without attestations an image stays a plain one.
	r = buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: []string{"--provenance=false"}})
	atts, err := r.Image(t).Attestations()
	require.NoError(t, err)
	require.Empty(t, atts)
}
