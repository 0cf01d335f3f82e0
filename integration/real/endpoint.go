package real

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/front"
)

// endpoint is a communication endpoint with TLS in front of the cluster. Each
// container has one, so that what its agent sends can be told from the rest.
type endpoint struct {
	url         string
	connections atomic.Int64

	mu       sync.Mutex
	requests []sent
}

// sent is what is noted of a request. Its body and its credentials are not.
type sent struct {
	method, path, userAgent string
	tenant                  string
	status                  int
}

func (s *suite) newEndpoint(t testing.TB) *endpoint {
	t.Helper()
	return s.newEndpointOf(t, s.authority)
}

// newEndpointOf has a certificate of another authority.
func (s *suite) newEndpointOf(t testing.TB, authority *front.Authority) *endpoint {
	t.Helper()
	e := &endpoint{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	to := front.Forward(t, s.server.URL())
	address := front.ServeOn(t, authority, "127.0.0.1", counting{l, &e.connections},
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			res := &status{ResponseWriter: w}
			to.ServeHTTP(res, r)
			e.note(r, res.code)
		}))
	e.url = "https://" + address + "/communication"
	return e
}

func (e *endpoint) note(r *http.Request, code int) {
	tenant, _, _ := r.BasicAuth()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, sent{r.Method, r.URL.Path, r.UserAgent(), tenant, code})
}

// all are the requests so far.
func (e *endpoint) all() []sent {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.requests)
}

// count counts the requests of a method with a status.
func (e *endpoint) count(method string, code int) int {
	n := 0
	for _, r := range e.all() {
		if r.method == method && r.status == code {
			n++
		}
	}
	return n
}

// summary says what was sent, as in "1 HEAD, 4 POST".
func (e *endpoint) summary() string {
	counts := map[string]int{}
	for _, r := range e.all() {
		key := r.method
		if r.status != http.StatusOK {
			key += fmt.Sprintf(" (%d)", r.status)
		}
		counts[key]++
	}
	var parts []string
	for key, n := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", n, key))
	}
	slices.SortFunc(parts, func(a, b string) int {
		_, a, _ = strings.Cut(a, " ")
		_, b, _ = strings.Cut(b, " ")
		return strings.Compare(a, b)
	})
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

const (
	// patience bounds the wait for an agent. A machine with many tests is slow.
	patience = 2 * time.Minute
	// quiet is how long an agent that must not connect is watched. One that may
	// connect does so within a second or two of the app's start.
	quiet = 15 * time.Second
	// enough is how many POST requests show that the agent's code module runs
	// in the app: its loader alone sends one.
	enough = 3
)

// requireCheckIn waits until the agent of a subject has checked in, by the
// credentials of its environment.
func (e *endpoint) requireCheckIn(t testing.TB, s *subject) {
	t.Helper()
	require.Eventually(t, func() bool {
		return e.count(http.MethodHead, http.StatusOK) > 0 && e.count(http.MethodPost, http.StatusOK) >= enough
	}, patience, 50*time.Millisecond, "%s", late{e})
	// The oldest agents name a version that was built shortly before.
	family := strings.Join(strings.SplitN(s.agent.Version, ".", 3)[:2], ".")
	for _, r := range e.all() {
		require.Equal(t, "/communication", r.path)
		require.Equal(t, s.env.ID(), r.tenant)
		// On a slow machine an agent gives a request up, and sends it again.
		if r.status != front.StatusGivenUp {
			require.Equal(t, http.StatusOK, r.status)
		}
		require.Regexp(t, `^ruxit/`+strings.ReplaceAll(family, ".", `\.`)+`\.\S+ 0x[0-9a-f]+ `+s.env.ID()+`\s*$`, r.userAgent)
	}
}

// late is formatted when a test has failed, and not before.
type late struct{ *endpoint }

func (l late) String() string {
	return fmt.Sprintf("the agent has sent %s, over %d connections", l.summary(), l.connections.Load())
}

// counting counts connections: an agent that refuses a certificate makes one and
// sends no request.
type counting struct {
	net.Listener
	n *atomic.Int64
}

func (c counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n.Add(1)
	}
	return conn, err
}

// status remembers the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap is for [http.ResponseController].
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }
