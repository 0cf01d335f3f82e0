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
// agent reads it.
func TestTheCertificateLayerIsOneFile(t *testing.T) {
	g := marshal(t, CertificateLayer(steps().Trust()))
	var copies [][2]string
	for _, op := range g.ops {
		for _, a := range op.GetFile().GetActions() {
			require.Nil(t, a.GetMkfile(), "provenance would show its content")
			if cp := a.GetCopy(); cp.GetSrc() != toolsPath {
				copies = append(copies, [2]string{cp.Src, cp.Dest})
				if cp.Dest == "/var" {
					require.Equal(t, int64(0), cp.Timestamp)
				}
			}
		}
	}
	require.Equal(t, [][2]string{{"/custom.pem", "/var/lib/dynatrace/oneagent/agent/customkeys/custom.pem"}, {"/var", "/var"}}, copies)
}

// A merge keeps the layer as it is. A copy takes the file alone, since the
// directories above it may be symlinks in the app. The file itself may be a
// symlink, too: it is removed first, and not written through.
func TestAttachCertificate(t *testing.T) {
	layer := CertificateLayer(steps().Trust())
	const file = "/var/lib/dynatrace/oneagent/agent/customkeys/custom.pem"
	for name, how := range map[string]Attachment{
		"merge": {Merge: true}, "copy": {}, "merge over another": {Merge: true, Replace: true}, "copy over another": {Replace: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := marshal(t, AttachCertificate(app, how, layer))
			last := g.ops[len(g.ops)-2] // before the return
			if how.Merge {
				require.Len(t, last.GetMerge().GetInputs(), 2)
			} else {
				require.Len(t, last.GetFile().GetActions(), 1)
				cp := last.GetFile().Actions[0].GetCopy()
				require.Equal(t, [2]string{file, file}, [2]string{cp.Src, cp.Dest})
				require.True(t, cp.CreateDestPath)
			}
			require.Equal(t, how.Replace, slices.ContainsFunc(g.ops, func(op *pb.Op) bool {
				return slices.ContainsFunc(op.GetFile().GetActions(), func(a *pb.FileAction) bool {
					return a.GetRm().GetPath() == file && a.GetRm().GetAllowNotFound()
				})
			}))
		})
	}
}
