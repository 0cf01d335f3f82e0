package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

func apiVariables(url, token, timeout string) []string {
	return []string{"DT_API_URL=" + url, "DT_API_TOKEN=" + token, "DT_TENANT=abc12345", "DT_START_TIMEOUT=" + timeout}
}

func TestAsks(t *testing.T) {
	t.Parallel()
	token, tenantToken := rand.Text(), rand.Text()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.Header.Get("Authorization") != "Api-Token "+token || r.UserAgent() != "dt-start/0.0.1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"tenantUUID":"abc12345","tenantToken":%q,"communicationEndpoints":["https://a.invalid","https://b.invalid"]}`, tenantToken)
	}))
	t.Cleanup(server.Close)
	r, stderr, code := newContainer(t).run(t, append(apiVariables(server.URL, token, "5"), "DT_START_LOG=debug"), "--", "app")
	require.Zero(t, code, stderr)
	require.EqualValues(t, 1, requests.Load(), "one round trip")
	require.Subset(t, r.Env, []string{"DT_TENANTTOKEN=" + tenantToken, "DT_CONNECTION_POINT=https://a.invalid;https://b.invalid", "LD_PRELOAD=" + library})
	require.NotContains(t, strings.Join(r.Env, "\n"), token)
	require.NotContains(t, stderr, token)
	require.NotContains(t, stderr, tenantToken)
	require.Contains(t, stderr, "plain http")
}

// TestFaults starts an app beside a cluster that is ill in every way.
func TestFaults(t *testing.T) {
	t.Parallel()
	const timeout = 600 * time.Millisecond
	token := rand.Text()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"error":{"code":%d,"message":"said with %s"}}`, code, r.Header.Get("Authorization"))
		}
	}
	plain := func(h http.HandlerFunc) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	tls := httptest.NewUnstartedServer(status(200))
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	hole, err := front.BlackHole(t, 0)
	require.NoError(t, err)

	for _, tc := range []struct {
		name, url, want string
		// atOnce is what another try does not change.
		atOnce bool
		// resolver is a name server's address.
		resolver string
	}{
		{name: "refused", url: "http://127.0.0.1:1", want: "refused the connection"},
		{name: "black hole", url: "http://" + hole, want: "did not answer in time"},
		{name: "no answer", url: plain(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), want: "did not answer in time"},
		{name: "no name server", url: "https://dt.example.invalid", want: "cannot find host dt.example.invalid: the name server does not answer"},
		{name: "silent name server", url: "https://dt.example.invalid", want: "in time", resolver: "127.0.83.1"},
		{name: "unknown authority", url: tls.URL, want: "as DT_CA_CERT", atOnce: true},
		{name: "401", url: plain(status(401)), want: "the cluster refused the token (401): said with Api-Token <DT_API_TOKEN>", atOnce: true},
		{name: "403", url: plain(status(403)), want: "lacks the scope InstallerDownload (403)", atOnce: true},
		{name: "404", url: plain(status(404)), want: "(404)", atOnce: true},
		{name: "429", url: plain(status(429)), want: "the cluster limits requests (429)"},
		{name: "500", url: plain(status(500)), want: "the cluster failed (500)"},
		{name: "503", url: plain(status(503)), want: "the cluster failed (503)"},
		{name: "drip", url: plain(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		}), want: "did not answer in time"},
		{name: "html", url: plain(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }), want: "is a web page", atOnce: true},
		{name: "empty", url: plain(func(http.ResponseWriter, *http.Request) {}), want: "is empty", atOnce: true},
		{name: "1 GB", url: plain(func(w http.ResponseWriter, r *http.Request) {
			chunk := bytes.Repeat([]byte(" "), 1<<20)
			for range 1 << 10 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}), want: "larger than 1048576 bytes", atOnce: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newContainer(t)
			if tc.resolver != "" {
				silence(t, tc.resolver)
				c.put(t, "/etc/resolv.conf", []byte("nameserver "+tc.resolver+"\n"), 0o644)
			}
			limit := timeout
			if tc.atOnce {
				// So long that to wait for it would be seen, on any machine.
				limit = time.Minute
			}
			began := time.Now()
			r, stderr, code := c.run(t, apiVariables(tc.url, token, limit.String()), "--", "app")
			took := time.Since(began)
			t.Logf("the app ran after %s: %s", took.Round(time.Millisecond), strings.TrimSpace(stderr))
			require.Zero(t, code)
			require.Equal(t, 1, r.PID, "the app ran")
			require.NotContains(t, strings.Join(r.Env, "\n"), "LD_PRELOAD")
			require.NotContains(t, strings.Join(r.Env, "\n"), token)
			require.Contains(t, stderr, "dt-start: the app runs unmonitored: ")
			require.Contains(t, stderr, tc.want)
			require.NotContains(t, stderr, token)
			// A generous bound: the machine may be busy.
			require.Less(t, took, timeout+20*time.Second)
		})
	}
	_, _, code := newContainer(t).run(t, append(apiVariables("http://127.0.0.1:1", token, "100ms"), "DT_START_ON_ERROR=fail"), "--", "app")
	require.Equal(t, 78, code)
}

// silence is a name server that never answers.
func silence(t *testing.T, addr string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", addr+":53")
	if err != nil {
		t.Skip("port 53 is not ours: ", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
}
