package deploy

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
		tunnel(w, r)
	}))
	t.Cleanup(proxy.Close)
	with := func(p string) string { return strings.Replace(proxy.URL, "http://", "http://user:"+p+"@", 1) }

	_, err := c.client(t, Options{Proxy: with(password) + "\n"}).ConnectionInfo(t.Context(), "", "")
	require.NoError(t, err)
	require.True(t, authorized.Load())

	wrong := rand.Text()
	_, err = c.client(t, Options{Proxy: with(wrong), Timeout: 200 * time.Millisecond}).ConnectionInfo(t.Context(), "", "")
	require.EqualError(t, err, "the proxy refused to connect to the cluster (407 Proxy Authentication Required): check DT_PROXY or HTTPS_PROXY")
	requireClean(t, err, wrong)

	for _, p := range []string{"user:" + wrong + "@host", "https://" + wrong + "%zz", "ftp://" + wrong} {
		_, err = newClient(t, c.creds, Options{Proxy: p, RootCAs: c.ca()})
		require.ErrorContains(t, err, "DT_PROXY is no URL of a proxy")
		requireClean(t, err, wrong)
	}
}

func TestBadCA(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "http://127.0.0.1:1"} {
		_, err := newClient(t, RawCredentials{URL: address, Tenant: "a", Token: "b"}, Options{RootCAs: []byte("no certificate")})
		require.ErrorContains(t, err, "invalid DT_CA_CERT: there is no certificate in it")
	}
}

// TestRootCAs_AsPeopleHaveThem gives the certificate in a form that crypto/x509
// drops without an error, and next to a damaged one.
func TestRootCAs_AsPeopleHaveThem(t *testing.T) {
	t.Parallel()
	c := newCluster(t, answer(`{"tenantUUID":"a","tenantToken":"b"}`))
	good := string(c.ca())
	indented := "\ufeff  " + strings.ReplaceAll(strings.TrimSpace(good), "\n", "\r\n  ")
	for _, text := range []string{indented, indented + good, "# of the proxy\n" + good} {
		_, err := c.client(t, Options{RootCAs: []byte(text)}).ConnectionInfo(t.Context(), "", "")
		require.NoError(t, err)
	}
	_, err := newClient(t, c.creds, Options{RootCAs: []byte(good[:len(good)/2] + "\n" + good)})
	require.EqualError(t, err, "invalid DT_CA_CERT: block 1 of 2 (line 1) is damaged: it has no END line of its own; copy the certificate again, whole, from BEGIN to END")
}

func TestOldTLS(t *testing.T) {
	t.Parallel()
	cl, err := newClient(t, RawCredentials{Tenant: "a", Token: "b"}, Options{})
	require.NoError(t, err)
	require.EqualValues(t, 0x0303, cl.http.Transport.(*http.Transport).TLSClientConfig.MinVersion)
	require.False(t, cl.http.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify)
}

func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(answer(`{"tenantUUID":"a","tenantToken":"b"}`))
	t.Cleanup(s.Close)
	// A proxy is not asked: the token would leave the machine in clear.
	cl, err := newClient(t, RawCredentials{URL: s.URL, Tenant: "a", Token: "b"}, Options{Proxy: "http://proxy.invalid:1"})
	require.NoError(t, err)
	_, err = cl.ConnectionInfo(t.Context(), "", "")
	require.NoError(t, err)
}
