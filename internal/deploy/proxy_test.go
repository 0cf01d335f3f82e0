package deploy

import (
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/random"
	"github.com/stretchr/testify/require"
)

// childURL is the variable by which a test runs this program again: net/http
// reads the environment's proxy once.
const childURL = "DT_TEST_CHILD_URL"

// TestProxyOfTheEnvironment_InAnotherProcess prints the error of a call.
func TestProxyOfTheEnvironment_InAnotherProcess(t *testing.T) {
	base := os.Getenv(childURL)
	if base == "" {
		return // a part of the next test
	}
	cl, err := newClient(t, RawCredentials{URL: base, Tenant: "abc12345", Token: "token"}, Options{Timeout: 5 * time.Second})
	require.NoError(t, err)
	_, err = cl.ConnectionInfo(t.Context(), "", "")
	fmt.Println("call:", err)
}

// TestProxyOfTheEnvironment_IsUsed where no other is given, and its password
// stays hidden.
func TestProxyOfTheEnvironment_IsUsed(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(refusing.Close)
	password := random.Text()
	proxy := strings.Replace(refusing.URL, "http://", "http://user:"+password+"@", 1)
	for _, tt := range []struct{ env, want string }{
		{"HTTPS_PROXY=" + proxy, "call: the proxy refused to connect to the cluster (403 Forbidden): check DT_PROXY or HTTPS_PROXY\n"},
		{"HTTP_PROXY=" + proxy, "call: cannot find host cluster.invalid: "},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyOfTheEnvironment_InAnotherProcess$")
		cmd.Env = []string{tt.env, childURL + "=https://cluster.invalid"}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), tt.want)
		require.NotContains(t, string(out), password)
	}
}

// TestProxy_MayBeOfThreeKinds, and of no other.
func TestProxy_MayBeOfThreeKinds(t *testing.T) {
	t.Parallel()
	for proxy, ok := range map[string]bool{
		"http://proxy.invalid:3128": true, "https://proxy.invalid": true, "socks5://proxy.invalid:1080": true, " http://proxy.invalid\n": true, "": true, " \n": true,
		"socks4://proxy.invalid": false, "proxy.invalid:3128": false, "http://": false, "//proxy.invalid": false, "http:proxy.invalid": false,
	} {
		cl, err := newClient(t, RawCredentials{Tenant: "abc12345", Token: "token"}, Options{Proxy: proxy})
		require.Equal(t, ok, err == nil, "%q: %v", proxy, err)
		if !ok || strings.TrimSpace(proxy) == "" {
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://cluster.invalid", nil)
		require.NoError(t, err)
		u, err := cl.http.Transport.(*http.Transport).Proxy(req)
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(proxy), u.String())
	}
}

// TestProxy_IsAskedAgainWhereItFailed, and not where it refuses.
func TestProxy_IsAskedAgainWhereItFailed(t *testing.T) {
	t.Parallel()
	for status, again := range map[int]bool{403: false, 407: false, 499: false, 500: true, 502: true} {
		asked := make(chan struct{}, 100)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked <- struct{}{}
			w.WriteHeader(status)
		}))
		t.Cleanup(proxy.Close)
		cl, err := newClient(t, RawCredentials{Tenant: "abc12345", Token: "token"}, Options{Proxy: proxy.URL, Timeout: 5 * time.Second})
		require.NoError(t, err)
		done := make(chan error, 1)
		go func() {
			_, err := cl.ConnectionInfo(t.Context(), "", "")
			done <- err
		}()
		<-asked
		if again {
			<-asked
			continue
		}
		require.ErrorContains(t, <-done, fmt.Sprintf("the proxy refused to connect to the cluster (%d ", status))
		require.Empty(t, asked)
	}
}

// TestProxy_StaysHidden: a cluster may repeat what it was sent.
func TestProxy_StaysHidden(t *testing.T) {
	t.Parallel()
	user, password := rand.Text(), random.Text()
	c := newCluster(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":{"message":"you are %s with %s"}}`, user, password)
	})
	proxy := httptest.NewServer(http.HandlerFunc(tunnel))
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	u.User = url.UserPassword(user, password)
	_, err = c.client(t, Options{Proxy: u.String()}).ConnectionInfo(t.Context(), "", "")
	require.ErrorContains(t, err, "the cluster rejected the request (400): you are ")
	requireClean(t, err, password)
}

// tunnel is a proxy that lets all through.
func tunnel(w http.ResponseWriter, r *http.Request) {
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
}
