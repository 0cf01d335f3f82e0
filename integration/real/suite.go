package real

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/oneagent"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
)

// Names of the variables by which hack/test real says where things are.
const (
	// envModules names the directory that npm has filled.
	envModules = "DT_TEST_ONEAGENT"
	// envTable names the file that the table is written to.
	envTable    = "DT_TEST_TABLE"
	envRegistry = "DT_TEST_REGISTRY"
)

// suite is what the tests of all agents share.
type suite struct {
	modules   string
	server    *cluster.Server
	authority *front.Authority
	verify    string // the program dt-verify
	table     *table
}

// subject is one of the agents, and an environment of its own that serves it.
type subject struct {
	*suite
	t     *testing.T // of all its cases
	agent *oneagent.Agent
	// served is the agent, for the environments of cases that need their own.
	served *served
	env    *cluster.Environment
	// point is the environment's own communication endpoint.
	point *endpoint
	// image is the app with the agent.
	image *image
}

// try takes one agent through its cases: those of preparation first, then all
// others at the same time.
func (s *suite) try(t *testing.T, a *oneagent.Agent, newest bool) {
	sub := &subject{suite: s, t: t, agent: a}
	sub.served = newServed(t, a)
	sub.env = s.server.AddEnvironment(cluster.WithAgents(sub.served))
	sub.point = s.newEndpoint(t)
	sub.env.SetEndpoint(sub.point.url)
	for _, c := range cases {
		if c.newest && !newest {
			s.table.note(a, c.name, left)
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if !c.first {
				t.Parallel()
			}
			sub.run(t, c)
		})
	}
}

// run runs a case, and notes what came of it.
func (s *subject) run(t *testing.T, c testCase) {
	if c.missing != nil {
		if what := c.missing(s.agent); what != "" {
			s.table.note(s.agent, c.name, what)
			return
		}
	}
	s.table.note(s.agent, c.name, failed)
	if s.image == nil && c.name != buildCase {
		t.Fatal("there is no image to try")
	}
	c.run(t, s)
	if !t.Failed() {
		s.table.note(s.agent, c.name, ok)
	}
}

// secrets are a build's, by id.
func (s *subject) secrets() map[string]string {
	return map[string]string{"DT_API_URL": s.env.APIURL(), "DT_API_TOKEN": s.env.APIToken(), "DT_TENANT": s.env.ID()}
}

// sentinels are what may be left nowhere.
func (s *subject) sentinels() []cluster.Secret {
	all := s.env.Secrets()
	for _, endpoint := range s.env.Endpoints() {
		all = append(all, cluster.Secret{Name: "endpoint", Value: endpoint})
	}
	return append(all, cluster.Secret{Name: "API address", Value: s.env.APIURL()})
}

// buildVerify builds dt-verify as its users have it.
func buildVerify(t testing.TB) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "dt-verify")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", name, "./cmd/dt-verify")
	cmd.Dir = checkout
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", strings.TrimSpace(string(out)))
	return name
}

// checkout is the repository's root, seen from here.
const checkout = "../.."
