package deploy

import (
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetry(t *testing.T) {
	t.Parallel()
	ok := `{"tenantUUID":"a","tenantToken":"b"}`
	for _, tc := range []struct {
		name string
		fail http.HandlerFunc
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
		{"502", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		{"503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }},
		{"504", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGatewayTimeout) }},
		{"429 without a header", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }},
		{"429 with a reset", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(50*time.Millisecond).UnixMicro(), 10))
			w.WriteHeader(http.StatusTooManyRequests)
		}},
		{"broken off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"truncated", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var c *cluster
			c = newCluster(t, func(w http.ResponseWriter, r *http.Request) {
				if c.requests.Load() < 3 {
					tc.fail(w, r)
					return
				}
				answer(ok)(w, r)
			})
			_, err := c.client(t, Options{Timeout: 5 * time.Second}).ConnectionInfo(t.Context(), "", "")
			require.NoError(t, err)
			require.EqualValues(t, 3, c.requests.Load())
		})
	}
}

func TestRetryEnds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, want string
		limit      time.Duration
		fail       func(http.ResponseWriter, *http.Request)
	}{
		// Long enough for one answer on a machine that has other work.
		{"503 for ever", "the cluster failed (503)", 4 * time.Second, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }},
		{"limit beyond the budget", "the cluster limits requests (429)", 4 * time.Second, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Minute).UnixMicro(), 10))
			w.WriteHeader(http.StatusTooManyRequests)
		}},
		{"no answer", "did not answer in time", 400 * time.Millisecond, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"drip", "did not answer in time", 400 * time.Millisecond, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, tc.fail)
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), tc.limit)
			defer cancel()
			_, err := c.client(t, Options{}).ConnectionInfo(ctx, "", "")
			require.ErrorContains(t, err, tc.want)
			require.Less(t, time.Since(began), 15*time.Second)
			c.clean(t, err)
		})
	}
}

// TestRetryTellsTheFirstReason has the budget end within a later try, which has
// then no reason of its own.
func TestRetryTellsTheFirstReason(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, want string
		fail       http.HandlerFunc
	}{
		{"a status", "the cluster failed (503)", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }},
		{"broken off", "broke off the connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"damaged", "cannot be unpacked", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "this is not gzip")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var c *cluster
			c = newCluster(t, func(w http.ResponseWriter, r *http.Request) {
				if c.requests.Load() > 1 {
					<-r.Context().Done()
					return
				}
				tc.fail(w, r)
			})
			// Time for one whole try on a busy machine.
			_, err := c.client(t, Options{Timeout: 3 * time.Second}).ConnectionInfo(t.Context(), "", "")
			require.ErrorContains(t, err, tc.want)
			require.EqualValues(t, 2, c.requests.Load())
			c.clean(t, err)
		})
	}
}

// TestLookups does without a name server: the test's dialer fails as one does.
func TestLookups(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, want string
		err        *net.DNSError
		tries      int32
	}{
		{"no such host", "cannot find host <DT_TENANT>.live.dynatrace.com: check DT_API_URL and DT_TENANT", &net.DNSError{Err: "no such host", IsNotFound: true}, 1},
		{"no name server", "cannot find host <DT_TENANT>.live.dynatrace.com: the name server does not answer, check this machine's", &net.DNSError{Err: "server misbehaving", IsTemporary: true}, maxLookups},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			creds := RawCredentials{Tenant: strings.ToLower(rand.Text()), Token: rand.Text()}
			cl, err := newClient(t, creds, Options{Timeout: time.Minute})
			require.NoError(t, err)
			var tries atomic.Int32
			tr := cl.http.Transport.(*http.Transport)
			tr.Proxy = nil
			tr.DialContext = func(_ context.Context, _, addr string) (net.Conn, error) {
				tries.Add(1)
				e := *tc.err
				e.Name, _, _ = net.SplitHostPort(addr)
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &e}
			}
			_, err = cl.ConnectionInfo(t.Context(), "", "")
			require.EqualError(t, err, tc.want)
			require.Equal(t, tc.tries, tries.Load())
			requireClean(t, err, creds.Tenant, creds.Token)
		})
	}
}
