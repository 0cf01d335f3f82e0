package real

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/standin/front"
)

// testAgentCA: an agent with the right certificate connects, and one with another
// does not. Without any the agent trusts whatever answers, so the wrong one is
// what shows that the certificate is read.
func testAgentCA(t *testing.T, s *subject) {
	r := s.request("")
	r.Secrets["DT_AGENT_CA"] = s.authority.PEM
	right := build(t, r)
	s.checksIn(t, "right DT_AGENT_CA", right, readOnlyWithTmp)

	r = s.request("")
	r.Secrets["DT_AGENT_CA"] = front.NewAuthority(t).PEM
	point := s.newEndpoint(t)
	s.requireRefused(t, "wrong DT_AGENT_CA", build(t, r), point, func(spec *runc.Spec) { spec.Env = s.details(point.url) })
}

// requireRefused runs an image whose agent must find the endpoint and not trust
// it.
func (s *subject) requireRefused(t testing.TB, run string, i *image, point *endpoint, change func(*runc.Spec)) {
	t.Helper()
	i.start(t, change)
	defer func() { s.table.noteSent(s.agent, run, point) }()
	require.Eventually(t, func() bool { return point.connections.Load() > 0 }, patience, 50*time.Millisecond)
	time.Sleep(quiet)
	require.Empty(t, point.all())
}
