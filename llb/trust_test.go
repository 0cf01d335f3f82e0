package llb

import (
	"slices"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// A certificate is keyed by no fingerprint: none but the steps of one session
// may read its secret.
func TestOnlyASessionsOwnStepsReadTheCertificate(t *testing.T) {
	s := steps()
	resolve := s.Resolve(x86)
	in := s.Install(resolve, s.Download(resolve, x86, "1"), x86, "1")
	layer := s.AgentLayer(in.Tree)
	read := map[string]bool{}
	for _, st := range []llb.State{layer, s.Trust(), s.Check(layer), s.Import(llb.Scratch(), "/", x86).Tree} {
		for _, op := range marshal(t, st).ours() {
			m := mountAt(op, agent.SecretsDir+"/"+agent.SecretAgentCA)
			meta := op.GetExec().Meta
			read[meta.Args[1]] = m != nil
			if m == nil {
				continue
			}
			require.Contains(t, meta.Env, "BUILD_SESSION=session-1")
			require.Equal(t, agent.SecretAgentCA, m.SecretOpt.ID)
			require.True(t, m.SecretOpt.Optional)
			require.Equal(t, uint32(0o400), m.SecretOpt.Mode)
		}
	}
	require.Equal(t, map[string]bool{
		"resolve": true, "trust": true, "download": false, "install": false, "check": false, "import": false,
	}, read)
}

func TestTrustIsNeverCachedAndHasNoNetwork(t *testing.T) {
	op, meta := marshal(t, steps().Trust()).exec(t, "trust")
	require.True(t, meta.IgnoreCache)
	require.NotNil(t, meta.ExportCache, "not exported, rather than by default")
	require.False(t, meta.ExportCache.GetValue())
	require.Equal(t, pb.NetMode_NONE, op.GetExec().Network)
	require.Nil(t, op.GetExec().Meta.ProxyEnv)
	require.True(t, mountAt(op, "/").Readonly)
}

// The layer is a copy, which BuildKit keys by content, of one file to where the
// agent looks for it.
func TestTheCertificateLayerIsOneFile(t *testing.T) {
	g := marshal(t, CertificateLayer(steps().Trust(), agent.Dir+"/"+agent.CustomCA))
	var copies [][2]string
	for _, op := range g.ops {
		for _, a := range op.GetFile().GetActions() {
			require.Nil(t, a.GetMkfile(), "provenance would show its content")
			if cp := a.GetCopy(); cp.GetSrc() != toolsPath {
				copies = append(copies, [2]string{cp.Src, cp.Dest})
			}
		}
	}
	require.Equal(t, [][2]string{{"/custom.pem", "/opt/dynatrace/oneagent/agent/customkeys/custom.pem"}, {"/opt", "/opt"}}, copies)
}

// Where layers cannot be merged each is copied, this one too.
func TestTheCertificateIsAttached(t *testing.T) {
	agentLayer := steps().AgentLayer(llb.Scratch().File(llb.Mkdir("/dynatrace", 0o755)))
	for name, how := range map[string]Attachment{"merge": {Merge: true}, "copy": {}} {
		g := marshal(t, Attach(app, how, agentLayer, CertificateLayer(steps().Trust(), agent.Dir+"/"+agent.CustomCA), StartLayer(self, "amd64")))
		layer := slices.IndexFunc(g.meta, func(m *pb.OpMetadata) bool {
			return m.GetDescription()["llb.customname"] == "[dynatrace] pack the certificate layer"
		})
		require.GreaterOrEqual(t, layer, 0, name)
		used := slices.ContainsFunc(g.ops, func(op *pb.Op) bool {
			onto := op.GetMerge() != nil || slices.ContainsFunc(op.GetFile().GetActions(), func(a *pb.FileAction) bool {
				return a.GetCopy().GetDest() == agent.Root
			})
			return onto && slices.ContainsFunc(op.Inputs, func(in *pb.Input) bool { return in.Digest == g.digests[layer] })
		})
		require.True(t, used, name)
	}
}
