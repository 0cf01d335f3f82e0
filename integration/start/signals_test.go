package start

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/figure"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	dtagent "github.com/org/dt-frontend/internal/agent"
)

// endingSignals are the signals that end a container.
var endingSignals = []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP}

// Exit codes are the app's own.
func TestStart_KeepsExitCodes(t *testing.T) {
	s := sharedStarts.Get(t)
	for name, image := range map[string]*startImage{"debian": s.debian, "musl": s.musl, "static": s.scratch} {
		for _, code := range []int{0, 1, 137} {
			t.Run(fmt.Sprint(name, " ", code), func(t *testing.T) {
				t.Parallel()
				o := image.finish(t, func(spec *runc.Spec) {
					spec.Env = tenant.AgentDetails(s.environment())
					spec.Cmd = []string{"exit", strconv.Itoa(code)}
				})
				require.Equal(t, code, o.code)
			})
		}
	}
}

// Signals reach the app, which is the container's first process.
func TestStart_SignalsReachTheApp(t *testing.T) {
	s := sharedStarts.Get(t)
	for name, image := range map[string]*startImage{"debian": s.debian, "musl": s.musl, "static": s.scratch} {
		for _, sig := range append(endingSignals, syscall.SIGKILL) {
			t.Run(fmt.Sprint(name, " ", sig), func(t *testing.T) {
				t.Parallel()
				c := image.start(t, func(spec *runc.Spec) {
					spec.Env = tenant.AgentDetails(s.environment())
					spec.Cmd = []string{"wait"}
				})
				require.Eventually(t, func() bool { return strings.HasPrefix(c.Stdout(), "ran") }, 20*time.Second, 5*time.Millisecond)
				require.NoError(t, c.Signal(sig))
				code, err := c.Wait()
				require.NoError(t, err)
				want := 40 + int(sig)
				if sig == syscall.SIGKILL {
					want = 137
				}
				require.Equal(t, want, code)
			})
		}
	}
}

// Ignored signals stay ignored through dt-start as it is in an image: Go's
// runtime handles them, and exec resets what is handled.
func TestStart_IgnoredSignalsStayIgnored(t *testing.T) {
	s := sharedStarts.Get(t)
	const status = "/app/busybox grep SigIgn /proc/self/status"
	for name, start := range map[string]string{"with dt-start": dtagent.StartPath + " -- ", "without": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := s.debian.finish(t, func(spec *runc.Spec) {
				spec.Entrypoint = []string{"/app/busybox", "sh", "-c", "trap '' PIPE USR1; exec " + start + status}
				spec.Env = tenant.AgentDetails(s.environment())
			})
			require.Zero(t, o.code, "%q", o.lines)
			require.Equal(t, "SigIgn:\t0000000000001200\n", o.stdout)
		})
	}
}

// A first process without handlers would not be ended by these signals at all,
// and the app is not there yet.
func TestStart_SignalsWhileAsking(t *testing.T) {
	s := sharedStarts.Get(t)
	for where, stall := range map[string]func(t *testing.T) (address string, asked <-chan struct{}){
		"before the answer": stallAnswer,
		"before TLS":        stallTLS,
	} {
		for _, sig := range endingSignals {
			t.Run(where+" "+sig.String(), func(t *testing.T) {
				t.Parallel()
				address, asked := stall(t)
				env := s.environment()
				c := s.debian.start(t, func(spec *runc.Spec) {
					spec.Env = append(tenant.APIDetails(env), "DT_API_URL="+address+"/api", "DT_START_TIMEOUT=10m")
				})
				select {
				case <-asked:
				case <-time.After(20 * time.Second):
					require.Fail(t, "the cluster is not asked")
				}
				began := time.Now()
				require.NoError(t, syscall.Kill(c.Pid(), sig))
				code, err := c.Wait()
				require.NoError(t, err)
				took := time.Since(began)
				figure.Print("%s while the cluster is asked (%s): ended after %d ms", sig, where, took.Milliseconds())
				require.Less(t, took, 5*time.Second)
				require.Equal(t, 128+int(sig), code)
				require.Empty(t, c.Stdout(), "the app is not started")
			})
		}
	}
}

// stallAnswer is a cluster that takes a question and says nothing.
func stallAnswer(t *testing.T) (address string, asked <-chan struct{}) {
	requests := make(chan struct{}, 9)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		requests <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	return srv.URL, requests
}

// stallTLS is one that accepts a connection and no more.
func stallTLS(t *testing.T) (address string, asked <-chan struct{}) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	accepted := make(chan struct{}, 9)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			accepted <- struct{}{}
		}
	}()
	return "https://" + l.Addr().String(), accepted
}
