package real

import (
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/runc"
)

// details are the agent's own three variables.
func (s *subject) details(point string) []string {
	return []string{"DT_TENANT=" + s.env.ID(), "DT_TENANTTOKEN=" + s.env.TenantToken(), "DT_CONNECTION_POINT=" + point}
}

// apiDetails are those for which dt-start asks the cluster.
func (s *subject) apiDetails() []string {
	return []string{"DT_API_URL=" + s.env.APIURL(), "DT_API_TOKEN=" + s.env.APIToken(), "DT_TENANT=" + s.env.ID()}
}

// Exit codes of the app; see app.js.
const (
	exitTerminated = 42
	exitItself     = 7
)

// checksIn runs an image until its agent has checked in, and ends it by a signal
// that the app takes itself.
func (s *subject) checksIn(t testing.TB, run string, i *image, change func(*runc.Spec)) *runc.Container {
	t.Helper()
	point := s.newEndpoint(t)
	c := i.start(t, func(spec *runc.Spec) {
		spec.Env = s.details(point.url)
		if change != nil {
			change(spec)
		}
	})
	s.awaits(t, run, c, point)
	return c
}

// awaits waits for the check-in of a container's agent at a point.
func (s *subject) awaits(t testing.TB, run string, c *runc.Container, point *endpoint) {
	t.Helper()
	defer func() { s.table.noteSent(s.agent, run, point) }()
	point.requireCheckIn(t, s)
	requireUp(t, c)
	requireEnd(t, c, syscall.SIGTERM, exitTerminated)
}

// requireUp waits for the app, whose agent may have checked in before it is up. It
// is the container's first process.
func requireUp(t testing.TB, c *runc.Container) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(c.Stdout(), "up: ") }, patience, 50*time.Millisecond)
	require.Contains(t, c.Stdout(), "up: pid 1, ")
}

// requireEnd sends a signal and waits for the app's own exit code.
func requireEnd(t testing.TB, c *runc.Container, signal syscall.Signal, want int) {
	t.Helper()
	require.NoError(t, c.Signal(signal))
	select {
	case <-c.Done():
	case <-time.After(patience):
		t.Fatalf("the app has not ended after %s", signal)
	}
	code, err := c.Wait()
	require.NoError(t, err)
	require.Equal(t, want, code)
}

func testRoot(t *testing.T, s *subject) {
	c := s.checksIn(t, "root", s.image, nil)
	require.Contains(t, c.Stdout(), "uid 0, preload /opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so\n")
	require.Empty(t, c.Stderr())
}

// testUser ends the app by its own decision, where others are ended by SIGTERM.
func testUser(t *testing.T, s *subject) {
	point := s.newEndpoint(t)
	c := s.image.start(t, func(spec *runc.Spec) {
		spec.Env = s.details(point.url)
		spec.User = "1234"
	})
	defer func() { s.table.noteSent(s.agent, "USER 1234", point) }()
	point.requireCheckIn(t, s)
	requireUp(t, c)
	require.Contains(t, c.Stdout(), "uid 1234, ")
	requireEnd(t, c, syscall.SIGUSR2, exitItself)
	require.Empty(t, c.Stderr())
}

// readOnly makes a container that can write to /dev/shm alone, as an ordinary user.
func readOnly(spec *runc.Spec) { spec.ReadOnly, spec.User = true, "1234" }

// readOnlyWithTmp adds a /tmp, as most people do.
func readOnlyWithTmp(spec *runc.Spec) {
	readOnly(spec)
	spec.Mounts = append(spec.Mounts, specs.Mount{Destination: "/tmp", Type: "tmpfs", Source: "tmpfs", Options: []string{"mode=1777"}})
}

func testReadOnly(t *testing.T, s *subject) {
	c := s.checksIn(t, "read-only root with /tmp", s.image, readOnlyWithTmp)
	require.Empty(t, c.Stderr(), "nothing is said of what cannot be written")
}

func testNoTmp(t *testing.T, s *subject) {
	c := s.checksIn(t, "read-only root without /tmp", s.image, readOnly)
	require.Empty(t, c.Stderr(), "nothing is said of what cannot be written")
}

// testAPIDetails has dt-start ask for the rest. The endpoint is the environment's
// own, to which no other container's agent connects.
func testAPIDetails(t *testing.T, s *subject) {
	c := s.image.start(t, func(spec *runc.Spec) { spec.Env = s.apiDetails() })
	s.awaits(t, "API details", c, s.point)
	require.Equal(t, []string{plainHTTP}, strings.Split(strings.TrimSpace(c.Stderr()), "\n"))
}

// plainHTTP is what is said of a cluster without TLS, as the one of tests.
const plainHTTP = "dt-start: the cluster is asked over plain http: whoever can listen on the way sees the token"

// testWrongToken shows that a check-in can fail.
func testWrongToken(t *testing.T, s *subject) {
	point := s.newEndpoint(t)
	s.image.start(t, func(spec *runc.Spec) {
		spec.Env = append(s.details(point.url), "DT_TENANTTOKEN=wrong"+s.env.TenantToken()[5:])
	})
	defer func() { s.table.noteSent(s.agent, "wrong tenant token", point) }()
	require.Eventually(t, func() bool { return len(point.all()) > 0 }, patience, 50*time.Millisecond)
	time.Sleep(quiet)
	for _, r := range point.all() {
		require.Equal(t, http.StatusUnauthorized, r.status)
	}
}

// testInactive shows that it is the agent that sends the requests.
func testInactive(t *testing.T, s *subject) {
	point := s.newEndpoint(t)
	c := s.image.start(t, func(spec *runc.Spec) {
		spec.Env = append(s.details(point.url), "DT_AGENTACTIVE=false")
	})
	defer func() { s.table.noteSent(s.agent, "DT_AGENTACTIVE=false", point) }()
	time.Sleep(quiet)
	require.Empty(t, point.all())
	require.Zero(t, point.connections.Load())
	requireUp(t, c)
	require.Contains(t, c.Stdout(), ", preload \n")
	requireEnd(t, c, syscall.SIGTERM, exitTerminated)
}

// testGroups gives the endpoints as newer clusters do.
func testGroups(t *testing.T, s *subject) {
	point := s.newEndpoint(t)
	c := s.image.start(t, func(spec *runc.Spec) {
		spec.Env = s.details("{*" + point.url + "}{https://sg.example.invalid/communication}")
	})
	s.awaits(t, "groups of endpoints", c, point)
}

func testDoctor(t *testing.T, s *subject) {
	c := s.image.start(t, func(spec *runc.Spec) {
		spec.Env = s.apiDetails()
		spec.Entrypoint = []string{spec.Config.Entrypoint[0], "doctor"}
	})
	code, err := c.Wait()
	require.NoError(t, err)
	require.Zero(t, code, "%s%s", c.Stdout(), c.Stderr())
	require.Contains(t, c.Stdout(), s.agent.Version)
	requireNone(t, s, strings.Join(slices.DeleteFunc(strings.Split(c.Stdout()+c.Stderr(), "\n"),
		func(line string) bool { return strings.Contains(line, "host of the cluster") }), "\n"))
}

// testFIPS: the agent uses what is in it for FIPS, and connects.
func testFIPS(t *testing.T, s *subject) {
	image := build(t, s.request("fips=on"))
	require.NoFileExists(t, image.unpack(t)+"/opt/dynatrace/oneagent/agent/dt_fips_disabled.flag")
	s.checksIn(t, "fips=on", image, nil)
}
