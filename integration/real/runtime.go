package real

import (
	"os"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
)

// runtimeSubject has an environment of its own, since an agent that is installed
// at the start connects where the environment says.
func (s *subject) runtimeSubject(t testing.TB) *subject {
	t.Helper()
	own := *s
	own.env = s.server.AddEnvironment(cluster.WithAgents(s.served))
	own.point = s.newEndpoint(t)
	own.env.SetEndpoint(own.point.url)
	return &own
}

// installs starts an image without an agent, which has to check in.
func (s *subject) installs(t testing.TB, run string, ca string, change func(*runc.Spec)) {
	t.Helper()
	r := s.request("mode=runtime")
	r.Secrets = nil
	if ca != "" {
		r.Secrets = map[string]string{"DT_AGENT_CA": ca}
	}
	c := build(t, r).start(t, func(spec *runc.Spec) {
		spec.Env = s.apiDetails()
		if change != nil {
			change(spec)
		}
	})
	s.awaits(t, run, c, s.point)
}

func testRuntime(t *testing.T, s *subject) {
	s.runtimeSubject(t).installs(t, "mode=runtime", "", nil)
}

// agentDir is where an ordinary user lets the agent be installed.
const agentDir = "/agent"

func asUser(t testing.TB) func(*runc.Spec) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chown(dir, 1234, 1234))
	return func(spec *runc.Spec) {
		spec.User, spec.ReadOnly = "1234", true
		spec.Env = append(spec.Env, "DT_AGENT_DIR="+agentDir)
		spec.Mounts = append(spec.Mounts, specs.Mount{Destination: agentDir, Type: "bind", Source: dir, Options: []string{"rbind", "rw"}})
	}
}

func testRuntimeUser(t *testing.T, s *subject) {
	s.runtimeSubject(t).installs(t, "mode=runtime as USER 1234", "", asUser(t))
}

// testRuntimeCA: the certificates of the build are those that the agent trusts.
func testRuntimeCA(t *testing.T, s *subject) {
	s.runtimeSubject(t).installs(t, "mode=runtime, right DT_AGENT_CA", s.authority.PEM, asUser(t))

	own := s.runtimeSubject(t)
	r := own.request("mode=runtime")
	r.Secrets = map[string]string{"DT_AGENT_CA": front.NewAuthority(t).PEM}
	own.requireRefused(t, "mode=runtime, wrong DT_AGENT_CA", build(t, r), own.point, func(spec *runc.Spec) {
		spec.Env = own.apiDetails()
		asUser(t)(spec)
	})
}
