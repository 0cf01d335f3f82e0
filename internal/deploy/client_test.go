package deploy

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// cluster is a server with secrets of its own and a count of its requests.
type cluster struct {
	*httptest.Server
	creds    Credentials
	secret   string
	requests atomic.Int32
}

func newCluster(t *testing.T, h http.HandlerFunc) *cluster {
	t.Helper()
	c := &cluster{secret: rand.Text()}
	c.creds = Credentials{Tenant: strings.ToLower(rand.Text()), Token: "dt0c01." + rand.Text() + "." + rand.Text()}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		if r.Header.Get("Authorization") != "Api-Token "+c.creds.Token || strings.Contains(r.URL.String(), c.creds.Token) {
			http.Error(w, "the token belongs into the header", http.StatusTeapot)
			return
		}
		h(w, r)
	}))
	c.Config.ErrorLog = log.New(io.Discard, "", 0)
	c.StartTLS()
	t.Cleanup(c.Close)
	c.creds.URL = c.URL
	return c
}

func (c *cluster) ca() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw})
}

func (c *cluster) client(t *testing.T, o Options) *Client {
	t.Helper()
	if o.RootCAs == nil {
		o.RootCAs = c.ca()
	}
	cl, err := New(c.creds, o)
	require.NoError(t, err)
	return cl
}

func (c *cluster) clean(t *testing.T, err error) {
	t.Helper()
	requireClean(t, err, c.creds.Token, c.creds.Tenant, c.secret)
}

func answer(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
}

func TestConnectionInfo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string
		want       []string
	}{
		{"documented", `{"tenantUUID":"abc","tenantToken":"T","communicationEndpoints":["https://b.invalid"],"formattedCommunicationEndpoints":"https://x.invalid:9999/communication;https://y.invalid/communication"}`, []string{"https://x.invalid:9999/communication", "https://y.invalid/communication", "https://b.invalid"}},
		{"array", `{"tenantUUID":"abc","tenantToken":"T","formattedCommunicationEndpoints":["https://x.invalid", null, "https://y.invalid;https://x.invalid"]}`, []string{"https://x.invalid", "https://y.invalid"}},
		{"null formatted", `{"tenantUUID":"abc","tenantToken":"T","communicationEndpoints":["https://x.invalid"],"formattedCommunicationEndpoints":null}`, []string{"https://x.invalid"}},
		{"space and doubles", `{"tenantUUID":" abc\r\n","tenantToken":" T ","formattedCommunicationEndpoints":" https://z.invalid ;;https://a.invalid; https://z.invalid"}`, []string{"https://z.invalid", "https://a.invalid"}},
		{"bom", "\ufeff" + `{"tenantUUID":"abc","tenantToken":"T"}`, nil},
		{"all null", `{"tenantUUID":"abc","tenantToken":"T","communicationEndpoints":null,"formattedCommunicationEndpoints":null,"more":{}}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/api/v1/deployment/installer/agent/connectioninfo") || r.URL.RawQuery != "" {
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				answer(tc.body)(w, r)
			})
			got, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "")
			require.NoError(t, err)
			require.Equal(t, &ConnectionInfo{Tenant: "abc", TenantToken: "T", Endpoints: tc.want}, got)
			require.EqualValues(t, 1, c.requests.Load())
		})
	}
}

func TestConnectionInfoRequest(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		answer(`{"tenantUUID":"a","tenantToken":"b"}`)(w, r)
	})
	_, err := c.client(t, Options{UserAgent: "dt-start/1"}).ConnectionInfo(t.Context(), " my.zone\n")
	require.NoError(t, err)
	require.Equal(t, "/e/"+c.creds.Tenant+"/api/v1/deployment/installer/agent/connectioninfo", seen.URL.Path)
	require.Equal(t, "defaultZoneFallback=true&networkZone=my.zone", seen.URL.RawQuery)
	require.Equal(t, "dt-start/1", seen.UserAgent())
}

func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, want string }{
		{"empty", "", "is empty"},
		{"html", "<!doctype html><title>Sign in</title>", "is a web page: check DT_API_URL"},
		{"no json", "sorry", "is no JSON of the expected form"},
		{"other json", `{"tenantUUID":{"SECRET":1}}`, "is no JSON of the expected form"},
		{"no tenant", `{"tenantUUID":"","tenantToken":"SECRET"}`, "without an environment id or a tenant token"},
		{"null token", `{"tenantUUID":"SECRET","tenantToken":null}`, "without an environment id or a tenant token"},
		{"nul", `{"tenantUUID":"a","tenantToken":"SECRET\u0000"}`, "characters that do not belong there"},
		{"line break", `{"tenantUUID":"a","tenantToken":"SECRET","formattedCommunicationEndpoints":"https://a\nLD_PRELOAD=x"}`, "characters that do not belong there"},
		{"huge", `{"tenantUUID":"` + strings.Repeat("SECRET", maxJSON), "is larger than 1048576 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var c *cluster
			c = newCluster(t, func(w http.ResponseWriter, r *http.Request) {
				answer(strings.ReplaceAll(tc.body, "SECRET", c.secret))(w, r)
			})
			_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "")
			require.ErrorContains(t, err, tc.want)
			c.clean(t, err)
			require.EqualValues(t, 1, c.requests.Load(), "not asked again")
		})
	}
}

func TestStatusErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string
		code       int
		want       string
	}{
		{"401", `{"error":{"code":401,"message":"Token Authentication failed"}}`, 401, "the cluster refused the token (401): Token Authentication failed; check DT_API_TOKEN"},
		{"403", `{"error":{"code":403,"message":"Token is missing required scope"}}`, 403, "the token lacks the scope InstallerDownload (403): Token is missing required scope; make one with it"},
		{"404 html", `<html>SECRET</html>`, 404, "the cluster does not know what was asked for (404); check DT_API_URL and DT_TENANT"},
		{"400 constraints", `{"error":{"message":"Constraints violated","constraintViolations":[{"path":"networkZone","message":"unknown zone"},{"message":"too long"}]}}`, 400, "the cluster rejected the request (400): Constraints violated; networkZone: unknown zone; too long"},
		{"list", `[{"error":{"message":"one"}},{"error":{"message":"two"}}]`, 400, "(400): one; two"},
		{"empty error", `{"error":{}}`, 400, "the cluster rejected the request (400)"},
		{"echo", `{"error":{"message":"token TOKEN of TENANT\n\u001b[31m is SEC\u0000RET"}}`, 401, "token *** of <DT_TENANT> [31m is"},
		{"long", `{"error":{"message":"` + strings.Repeat("a", 5000) + `"}}`, 400, strings.Repeat("a", maxMessage) + "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var c *cluster
			c = newCluster(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.code)
				_, _ = io.WriteString(w, strings.NewReplacer("TOKEN", c.creds.Token, "TENANT", c.creds.Tenant).Replace(tc.body))
			})
			_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "")
			require.ErrorContains(t, err, tc.want)
			var status *StatusError
			require.ErrorAs(t, err, &status)
			require.Equal(t, tc.code, status.Code)
			c.clean(t, err)
			require.EqualValues(t, 1, c.requests.Load(), "not asked again")
		})
	}
}

func TestTenantTokenStaysHidden(t *testing.T) {
	t.Parallel()
	var c *cluster
	c = newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/connectioninfo") {
			_ = json.NewEncoder(w).Encode(map[string]string{"tenantUUID": "a", "tenantToken": c.secret})
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":{"message":"no %s here"}}`, c.secret)
	})
	cl := c.client(t, Options{})
	_, err := cl.ConnectionInfo(t.Context(), "")
	require.NoError(t, err)
	_, err = cl.LatestVersion(t.Context(), agent.FlavorMusl, agent.ArchARM)
	require.ErrorContains(t, err, "no *** here")
	c.clean(t, err)
}

func TestRetry(t *testing.T) {
	t.Parallel()
	ok := `{"tenantUUID":"a","tenantToken":"b"}`
	for _, tc := range []struct {
		name string
		fail http.HandlerFunc
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }},
		{"502", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }},
		{"503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }},
		{"504", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(504) }},
		{"429 without a header", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }},
		{"429 with a reset", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(50*time.Millisecond).UnixMicro(), 10))
			w.WriteHeader(429)
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
			_, err := c.client(t, Options{Timeout: 5 * time.Second}).ConnectionInfo(t.Context(), "")
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
		{"503 for ever", "the cluster failed (503)", 4 * time.Second, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }},
		{"limit beyond the budget", "the cluster limits requests (429)", 4 * time.Second, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Minute).UnixMicro(), 10))
			w.WriteHeader(429)
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
			_, err := c.client(t, Options{}).ConnectionInfo(ctx, "")
			require.ErrorContains(t, err, tc.want)
			require.Less(t, time.Since(began), 15*time.Second)
			c.clean(t, err)
		})
	}
}

func TestTimeoutWithoutContext(t *testing.T) {
	t.Parallel()
	c := newCluster(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cl := c.client(t, Options{Timeout: 100 * time.Millisecond})
	_, err := cl.ConnectionInfo(t.Context(), "")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = cl.Get(t.Context(), "/slow", nil, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "did not answer in time")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	c := newCluster(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := c.client(t, Options{}).ConnectionInfo(ctx, "")
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "was interrupted")
}

func TestNetworkErrors(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := "https://" + l.Addr().String()
	require.NoError(t, l.Close())
	plain := httptest.NewServer(answer("{}"))
	t.Cleanup(plain.Close)
	c := newCluster(t, answer("{}"))
	_, port, err := net.SplitHostPort(c.Listener.Addr().String())
	require.NoError(t, err)

	for _, tc := range []struct {
		name, url, want string
		ca              []byte
	}{
		{"refused", closed, "refused the connection", nil},
		{"unknown authority", c.URL, "certificate of an unknown authority: pass that authority's certificate (PEM) as DT_CA_CERT", nil},
		{"other name", "https://localhost:" + port, "certificate for other names: check DT_API_URL", c.ca()},
		{"no tls", strings.Replace(plain.URL, "http:", "https:", 1), "does not speak TLS", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			creds := c.creds
			creds.URL = tc.url
			cl, err := New(creds, Options{RootCAs: tc.ca, Timeout: 300 * time.Millisecond})
			require.NoError(t, err)
			_, err = cl.ConnectionInfo(t.Context(), "")
			require.ErrorContains(t, err, tc.want)
			c.clean(t, err)
		})
	}
	require.Zero(t, c.requests.Load())
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
			creds := Credentials{Tenant: strings.ToLower(rand.Text()), Token: rand.Text()}
			cl, err := New(creds, Options{Timeout: time.Minute})
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
			_, err = cl.ConnectionInfo(t.Context(), "")
			require.EqualError(t, err, tc.want)
			require.Equal(t, tc.tries, tries.Load())
			requireClean(t, err, creds.Tenant, creds.Token)
		})
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	otherTLS := httptest.NewTLSServer(other.Config.Handler)
	t.Cleanup(otherTLS.Close)
	secret := rand.Text()
	var c *cluster
	c = newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{
			"same":  c.URL + "/api/v1/deployment/installer/agent/here",
			"plain": other.URL + "/?t=" + secret,
			"other": otherTLS.URL + "/?t=" + secret,
			"user":  strings.Replace(c.URL, "https://", "https://u:"+secret+"@", 1),
			"loop":  "loop",
		}[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]
		if to == "" {
			answer("here")(w, r)
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	cl := c.client(t, Options{})
	res, err := cl.Get(t.Context(), "same", nil, nil)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	for path, want := range map[string]string{
		"plain": "redirects to plain http: refused",
		"other": "redirects to another host: refused",
		"user":  "redirects to a URL with a password: refused",
		"loop":  "redirects without end",
	} {
		_, err := cl.Get(t.Context(), path, nil, nil)
		require.ErrorContains(t, err, want)
		c.clean(t, err)
		requireClean(t, err, secret)
	}
	require.Zero(t, elsewhere.Load())
}

func TestGet(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("agent"), 1<<16)
	c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if r.URL.Query().Get("include") != "java" || r.Header.Get("Accept") != "application/octet-stream" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.(http.Flusher).Flush()
		time.Sleep(200 * time.Millisecond)
		_, _ = w.Write(content)
	})
	cl := c.client(t, Options{Timeout: 150 * time.Millisecond})
	query, header := url.Values{"include": {"java"}}, http.Header{"accept": {"application/octet-stream"}}
	res, err := cl.Get(t.Context(), "/unix/paas-sh/latest", query, header)
	require.NoError(t, err)
	got, err := io.ReadAll(res.Body)
	require.NoError(t, err, "the time-out is for the head")
	require.Equal(t, content, got)
	require.NoError(t, res.Body.Close())
	require.Empty(t, header.Get("Authorization"), "the caller's header is not changed")

	res, err = cl.Get(t.Context(), "x", nil, http.Header{"If-None-Match": {`"1"`}})
	require.NoError(t, err)
	require.Equal(t, http.StatusNotModified, res.StatusCode)
	require.NoError(t, res.Body.Close())

	_, err = cl.Get(t.Context(), "x", nil, nil)
	var status *StatusError
	require.ErrorAs(t, err, &status)
}

func TestLatestVersion(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		answer(`{"latestAgentVersion":"1.305.152.20241113-104505"}`)(w, r)
	})
	v, err := c.client(t, Options{}).LatestVersion(t.Context(), agent.FlavorMusl, agent.ArchARM)
	require.NoError(t, err)
	require.Equal(t, "1.305.152.20241113-104505", v)
	require.True(t, strings.HasSuffix(seen.URL.Path, "/agent/unix/paas-sh/latest/metainfo"))
	require.Equal(t, "arch=arm&bitness=64&flavor=musl", seen.URL.RawQuery)
}

func TestLatestVersionRefusesOthers(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"", "latest", "1.305.152", "1.305.152.20241113-104505/../x", "1.305.152.20241113-10450", "1..152.20241113-104505", "1.305.152.20241113-104505\n", "٣.305.152.20241113-104505", strings.Repeat("1", 64) + ".1.1.20241113-104505"} {
		require.False(t, agent.ValidVersion(v), v)
	}
	c := newCluster(t, answer(`{"latestAgentVersion":"../../x"}`))
	_, err := c.client(t, Options{}).LatestVersion(t.Context(), agent.FlavorDefault, agent.ArchX86)
	require.ErrorContains(t, err, "without a version as 1.305.152.20241113-104505")
	require.NotContains(t, err.Error(), "../")
}

func TestProxy(t *testing.T) {
	t.Parallel()
	c := newCluster(t, answer(`{"tenantUUID":"a","tenantToken":"b"}`))
	password := rand.Text()
	var authorized atomic.Bool
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, p, _ := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth()
		if p != password {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		authorized.Store(true)
		up, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		down, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(down, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(up, down); _ = up.Close() }()
		go func() { _, _ = io.Copy(down, up); _ = down.Close() }()
	}))
	t.Cleanup(proxy.Close)
	with := func(p string) string { return strings.Replace(proxy.URL, "http://", "http://user:"+p+"@", 1) }

	_, err := c.client(t, Options{Proxy: with(password) + "\n"}).ConnectionInfo(t.Context(), "")
	require.NoError(t, err)
	require.True(t, authorized.Load())

	wrong := rand.Text()
	_, err = c.client(t, Options{Proxy: with(wrong), Timeout: 200 * time.Millisecond}).ConnectionInfo(t.Context(), "")
	require.EqualError(t, err, "the proxy refused to connect to the cluster (407 Proxy Authentication Required): check DT_PROXY or HTTPS_PROXY")
	requireClean(t, err, wrong)

	for _, p := range []string{"user:" + wrong + "@host", "https://" + wrong + "%zz", "ftp://" + wrong} {
		_, err = New(c.creds, Options{Proxy: p, RootCAs: c.ca()})
		require.ErrorContains(t, err, "DT_PROXY is no URL of a proxy")
		requireClean(t, err, wrong)
	}
}

func TestBadCA(t *testing.T) {
	t.Parallel()
	_, err := New(Credentials{Tenant: "a", Token: "b"}, Options{RootCAs: []byte("no certificate")})
	require.ErrorContains(t, err, "DT_CA_CERT holds no certificate")
}

func TestOldTLS(t *testing.T) {
	t.Parallel()
	cl, err := New(Credentials{Tenant: "a", Token: "b"}, Options{})
	require.NoError(t, err)
	require.EqualValues(t, 0x0303, cl.http.Transport.(*http.Transport).TLSClientConfig.MinVersion)
	require.False(t, cl.http.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify)
}

func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(answer(`{"tenantUUID":"a","tenantToken":"b"}`))
	t.Cleanup(s.Close)
	// A proxy is not asked: the token would leave the machine in clear.
	cl, err := New(Credentials{URL: s.URL, Tenant: "a", Token: "b"}, Options{Proxy: "http://proxy.invalid:1"})
	require.NoError(t, err)
	_, err = cl.ConnectionInfo(t.Context(), "")
	require.NoError(t, err)
}

func TestResetAfter(t *testing.T) {
	t.Parallel()
	now := time.UnixMicro(1_700_000_000_000_000)
	for _, tc := range []struct {
		name, key, value string
		want             time.Duration
		ok               bool
	}{
		{"microseconds", "X-RateLimit-Reset", "1700000003000000", 3 * time.Second, true},
		{"past", "X-RateLimit-Reset", "1600000000000000", -100_000_000 * time.Second, false},
		{"far", "X-RateLimit-Reset", "1800000000000000", maxReset, true},
		{"word", "X-RateLimit-Reset", "soon", 0, false},
		{"seconds", "Retry-After", "7", 7 * time.Second, true},
		{"many", "Retry-After", "9999999999", maxReset, true},
		{"date", "Retry-After", now.Add(9 * time.Second).UTC().Format(http.TimeFormat), 9 * time.Second, true},
		{"seconds of the past", "Retry-After", "-7", 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := resetAfter(http.Header{http.CanonicalHeaderKey(tc.key): {tc.value}}, now)
			require.Equal(t, tc.ok, ok)
			require.Equal(t, tc.want, got)
		})
	}
	// A proxy's header of the same name, in seconds or over, hides no other.
	for _, reset := range []string{"1700000009", "60", "1600000000000000"} {
		got, ok := resetAfter(http.Header{"X-Ratelimit-Reset": {reset}, "Retry-After": {"7"}}, now)
		require.True(t, ok)
		require.Equal(t, 7*time.Second, got)
	}
	// A clock that is wrong on this side is no reason to wait.
	late := http.Header{"X-Ratelimit-Reset": {"1700000003000000"}, "Date": {now.UTC().Format(http.TimeFormat)}}
	got, ok := resetAfter(late, now.Add(-time.Hour))
	require.True(t, ok)
	require.Equal(t, 3*time.Second, got)
}

func FuzzConnectionInfo(f *testing.F) {
	f.Add([]byte(`{"tenantUUID":"a","tenantToken":"b","formattedCommunicationEndpoints":["x;y",null]}`))
	f.Add([]byte(`{"communicationEndpoints":"a;b"}`))
	c := &Client{host: "host"}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a connectionAnswer
		if err := c.decode(b, &a); err != nil {
			var call *CallError
			require.ErrorAs(t, err, &call)
			return
		}
		for _, e := range a.info().Endpoints {
			require.NotEmpty(t, e)
			require.NotContains(t, e, ";")
		}
	})
}
