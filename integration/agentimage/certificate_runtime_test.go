package agentimage

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/verifier"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// An image whose agent is installed when it starts has the certificates where
// every agent reads them: the helper need not do anything about them.
func TestCertificate_ForARuntimeAgent(t *testing.T) {
	env := tenant.New(t)
	ca := front.NewAuthority(t).PEM
	r := buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCMD [\"sleep\", \"0\"]\n", Args: buildx.Options("mode=runtime"), Secrets: withCA(nil, ca)}
	with := buildx.Build(t, r)
	require.Equal(t, sumOf(ca), with.Image(t).Config.Config.Labels[agentCALabel])
	requireCALayer(t, with.Image(t), len(with.Image(t).DiffIDs())-3, ca)
	require.Equal(t, ca, readFile(t, filepath.Join(with.Unpack(t), customCA)))
	v := verifier.Run(t, verifier.Build(t), env, with.Archive)
	require.Equal(t, verifier.Clean, v.Code, "%s", v.Text)
	require.Equal(t, []string{"its agent trusts certificates that the build was given: " + with.Image(t).Config.Config.Labels[agentCALabel]}, v.Platforms[0].Notes)

	dir, mount := container.AgentMount(t)
	c := container.Run(t, with, container.AsOrdinary(tenant.APIDetails(env), mount))
	code, err := c.Wait()
	require.NoError(t, err)
	require.Zero(t, code, c.Stderr())
	tenant.RequireCheckIn(t, env, "sleep")
	require.NoFileExists(t, filepath.Join(dir, "oneagent/agent/customkeys/custom.pem"), "no agent reads that")

	garbage := rand.Text()
	r.Secrets = withCA(nil, garbage)
	res := buildx.Fails(t, r)
	require.Contains(t, buildx.LastError(t, res), "dynatrace: invalid DT_AGENT_CA: there is no certificate in it")
	require.NotContains(t, res.Output, garbage)

	r.Secrets = nil
	without := buildx.Build(t, r).Image(t)
	require.NotContains(t, without.Config.Config.Labels, agentCALabel)
	require.Len(t, with.Image(t).DiffIDs(), len(without.DiffIDs())+1, fmt.Sprint(without.Config.History))
}
