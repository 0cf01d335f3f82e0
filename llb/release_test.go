package llb

import (
	"crypto/rand"
	"testing"

	"github.com/org/dt-frontend/internal/version"
	"github.com/stretchr/testify/require"
)

// The release is for the step that runs in every build anyway. In a step that is
// cached it would make each release download all agents again.
func TestRelease_IsInNoCachedStep(t *testing.T) {
	s := steps()
	s.Release = "v1.2.3-" + rand.Text()
	resolve := s.Resolve(x86)
	in := s.Install(resolve, s.Download(resolve, x86, "1"), x86, "1")
	g := marshal(t, s.AgentLayer(in.Tree))
	require.Len(t, g.ours(), 3)
	for _, command := range []string{"resolve", "download", "install"} {
		op, _ := g.exec(t, command)
		env := op.GetExec().Meta.Env
		if command == "resolve" {
			require.Contains(t, env, version.Variable+"="+s.Release)
			continue
		}
		require.NotContains(t, op.String(), s.Release, command)
		require.NotContains(t, op.String(), version.Variable, command)
	}
}
