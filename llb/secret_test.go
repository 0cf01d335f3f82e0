package llb

import (
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// secretMounts returns the ids of the secrets that a step is given.
func secretMounts(t *testing.T, op *pb.Op) []string {
	t.Helper()
	e := op.GetExec()
	require.Empty(t, e.Secretenv, "no secret is in the environment of a step")
	var out []string
	for _, m := range e.Mounts {
		if m.MountType != pb.MountType_SECRET {
			continue
		}
		require.Equal(t, agent.SecretsDir+"/"+m.SecretOpt.ID, m.Dest)
		require.True(t, m.SecretOpt.Optional)
		require.Equal(t, uint32(0o400), m.SecretOpt.Mode)
		require.Zero(t, m.SecretOpt.Uid)
		out = append(out, m.SecretOpt.ID)
	}
	return out
}

// shapes are the graphs of all kinds of builds.
func shapes(s Steps) map[string]llb.State {
	out := map[string]llb.State{}
	config, pinned := arm, x86
	config.Config, config.HostGroup, config.NetworkZone = true, "group", "zone"
	pinned.Version, pinned.Pinned, pinned.Checksum, pinned.Archive, pinned.FIPS = "1.2.3.20250101-000000", true, "sha256:x", true, true
	for name, spec := range map[string]agent.Spec{"plain": x86, "configured": config, "pinned": pinned} {
		resolve := s.Resolve(spec)
		certificate := &Certificate{Layer: CertificateLayer(resolve), Merge: true}
		out[name] = image(s, spec, Attachment{Merge: true})
		out[name+" with certificates"] = image(s, spec, Attachment{Merge: true, Certificate: certificate})
	}
	imported := s.AgentLayer(s.Import(llb.Image("example.invalid/agent"), "/", x86).Tree)
	trust := &Certificate{Layer: CertificateLayer(s.Trust())}
	out["agent image"] = Attach(app, Attachment{Certificate: trust}, imported)
	out["agent image, checked"] = s.Check(imported)
	out["run-time mode"] = Attach(app, Attachment{Certificate: trust}, StartLayer(self, "amd64"))
	return out
}

// TestSecrets_SharedStepsHaveOne: BuildKit runs equal steps of several builds
// once, and asks any of their sessions for each secret by itself. A step that
// has more than one must be of one build alone.
func TestSecrets_SharedStepsHaveOne(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, private := range []bool{false, true} {
		s := steps()
		s.Private = private
		for name, st := range shapes(s) {
			for _, op := range marshal(t, st).ours() {
				command, ids := op.GetExec().Meta.Args[1], secretMounts(t, op)
				alone := slices.Contains(op.GetExec().Meta.Env, "BUILD_NONCE=nonce-1")
				if !alone {
					require.LessOrEqual(t, len(ids), 1, "%s: %s", name, command)
				}
				require.Equal(t, private || slices.Contains([]string{"resolve", "trust", "check"}, command), alone, "%s: %s", name, command)
				switch command {
				case "import":
					require.Empty(t, ids, name)
				case "download", "install":
					require.Equal(t, []string{agent.SecretAPIToken}, ids, name)
				}
				seen[command] = true
			}
		}
	}
	require.Len(t, seen, 6, "every command of a build step was seen: %v", seen)
}

// TestSecrets_SharedStepsAreKeyed: a step with the token is keyed by what the
// token opens.
func TestSecrets_SharedStepsAreKeyed(t *testing.T) {
	t.Parallel()
	for name, st := range shapes(steps()) {
		for _, op := range marshal(t, st).ours() {
			e := op.GetExec()
			if slices.Contains(e.Meta.Env, "BUILD_NONCE=nonce-1") || len(secretMounts(t, op)) == 0 {
				continue
			}
			m := mountAt(op, resolvedPath)
			require.NotNil(t, m, "%s: %s mounts agent.json", name, e.Meta.Args[1])
			require.True(t, m.Readonly, "a mount that is not read-only is keyed by its definition")
			require.NotEqual(t, pb.MountContentCache_OFF, m.ContentCache)
			require.Contains(t, m.Selector, "-")
		}
	}
}

// TestNonce_IsInNoName: what a builder shows while a build runs is names, and
// digests of steps.
func TestNonce_IsInNoName(t *testing.T) {
	t.Parallel()
	s := steps()
	s.Nonce, s.Private = NewNonce(), true
	require.GreaterOrEqual(t, len(s.Nonce), 52, "256 bits in base32")
	require.NotEqual(t, s.Nonce, NewNonce())
	for name, st := range shapes(s) {
		g := marshal(t, st)
		for i, op := range g.ops {
			for key, v := range g.meta[i].GetDescription() {
				require.NotContains(t, key+v, s.Nonce, name)
			}
			require.NotContains(t, strings.Join(op.GetExec().GetMeta().GetArgs(), " "), s.Nonce, name)
		}
	}
}
