package integration

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// An image whose agent is installed when it starts has the certificates where
// every agent reads them: the helper need not do anything about them.
func TestACertificateForARuntimeAgent(t *testing.T) {
	env := newEnvironment(t)
	ca := front.NewAuthority(t).PEM
	r := request{dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCMD [\"sleep\", \"0\"]\n", args: withOptions("mode=runtime"), secrets: withCA(nil, ca)}
	with := build(t, r)
	require.Equal(t, sumOf(ca), with.image(t).Config.Config.Labels[agentCALabel])
	requireCALayer(t, with.image(t), len(with.image(t).DiffIDs())-3, ca)
	require.Equal(t, ca, readFile(t, filepath.Join(with.unpack(t), customCA)))
	v := verify(t, buildVerify(t), env, with.archive)
	require.Equal(t, verifiedClean, v.code, "%s", v.text)
	require.Equal(t, []string{"its agent trusts certificates that the build was given: " + with.image(t).Config.Config.Labels[agentCALabel]}, v.Platforms[0].Notes)

	dir, mount := agentFolder(t)
	c := run(t, with, asOrdinary(apiDetails(env), mount))
	code, err := c.Wait()
	require.NoError(t, err)
	require.Zero(t, code, c.Stderr())
	requireCheckIn(t, env, "sleep")
	require.NoFileExists(t, filepath.Join(dir, "oneagent/agent/customkeys/custom.pem"), "no agent reads that")

	garbage := rand.Text()
	r.secrets = withCA(nil, garbage)
	res := buildFails(t, r)
	require.Contains(t, lastError(t, res), "dynatrace: invalid DT_AGENT_CA: there is no certificate in it")
	require.NotContains(t, res.output, garbage)

	r.secrets = nil
	without := build(t, r).image(t)
	require.NotContains(t, without.Config.Config.Labels, agentCALabel)
	require.Len(t, with.image(t).DiffIDs(), len(without.DiffIDs())+1, fmt.Sprint(without.Config.History))
}
