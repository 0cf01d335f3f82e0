package llb

import (
	"fmt"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// No shared step is keyed by the secret of the certificates: only steps of one
// build alone may read it.
func TestOnlyABuildsOwnStepsReadTheCertificate(t *testing.T) {
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
			require.Contains(t, meta.Env, "BUILD_NONCE=nonce-1")
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
func TestAttach_Certificate(t *testing.T) {
	layer := CertificateLayer(steps().Trust())
	start := StartLayer(self, "amd64")
	const file = "/var/lib/dynatrace/oneagent/agent/customkeys/custom.pem"
	for _, how := range []Attachment{{Merge: true}, {}, {Merge: true, Replace: true}, {Replace: true}} {
		for _, c := range []Certificate{{Merge: true}, {}, {Merge: true, Replace: true}, {Replace: true}} {
			t.Run(fmt.Sprint(how, c.Merge, c.Replace), func(t *testing.T) {
				how, c := how, c
				c.Layer, how.Certificate = layer, &c
				g := marshal(t, Attach(app, how, start))
				var merged, copied, removed int
				for _, op := range g.ops {
					if m := op.GetMerge(); m != nil {
						merged += len(m.Inputs) - 1
					}
					for _, a := range op.GetFile().GetActions() {
						if a.GetCopy().GetSrc() == file {
							require.Equal(t, file, a.GetCopy().Dest)
							require.True(t, a.GetCopy().CreateDestPath)
							copied++
						}
						if a.GetCopy().GetSrc() == agent.Root {
							copied++
						}
						if a.GetRm() != nil && a.GetRm().Path != aside {
							require.Contains(t, how.Removes(), a.GetRm().Path)
							removed++
						}
					}
				}
				count := map[bool]int{true: 1}
				require.Equal(t, count[how.Merge]+count[c.Merge], merged)
				require.Equal(t, count[!how.Merge]+count[!c.Merge], copied)
				require.Equal(t, count[how.Replace]*len(Owned)+count[c.Replace], removed)
				if how.Merge && c.Merge {
					last := g.ops[len(g.ops)-2].GetMerge() // before the return
					require.Len(t, last.GetInputs(), 3, "one merge")
				}
			})
		}
	}
}
