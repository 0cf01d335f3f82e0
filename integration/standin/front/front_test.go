package front_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// client goes through a proxy, and trusts an authority.
func client(t *testing.T, a *front.Authority, proxy string) *http.Client {
	t.Helper()
	u, err := url.Parse(proxy)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM([]byte(a.PEM)))
	tr := &http.Transport{Proxy: http.ProxyURL(u), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func TestTheWayThrough(t *testing.T) {
	a := front.NewAuthority(t)
	address := front.Serve(t, a, "cluster.test", "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "asked for "+r.URL.Path)
	}))
	proxy := front.NewProxy(t, url.UserPassword("me", "p/w"), map[string]string{"cluster.test:443": address})
	get := func(a *front.Authority, proxy string) (string, error) {
		res, err := client(t, a, proxy).Get("https://cluster.test/x")
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		dt, err := io.ReadAll(res.Body)
		return string(dt), err
	}
	got, err := get(a, proxy.URL())
	require.NoError(t, err)
	require.Equal(t, "asked for /x", got)
	require.Equal(t, 1, proxy.Used())

	_, err = get(front.NewAuthority(t), proxy.URL())
	require.ErrorContains(t, err, "unknown authority")
	_, err = get(a, "http://me:wrong@"+proxy.Host())
	require.ErrorContains(t, err, "Proxy Authentication Required")
	proxy.Refuse()
	_, err = get(a, proxy.URL())
	require.ErrorContains(t, err, "Forbidden")
}

func TestBadCertificates(t *testing.T) {
	a := front.NewAuthority(t)
	for want, options := range map[string][]front.Option{
		"":                            nil,
		"certificate has expired":     {front.Expired()},
		"not yet valid: current time": {front.NotYetValid()},
	} {
		address := front.Serve(t, a, "127.0.0.1", "127.0.0.1:0", http.NotFoundHandler(), options...)
		roots := x509.NewCertPool()
		require.True(t, roots.AppendCertsFromPEM([]byte(a.PEM)))
		conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots})
		if want != "" {
			require.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}
}

func TestABlackHoleTakesAndRefusesNobody(t *testing.T) {
	address, err := front.BlackHole(t, 0)
	require.NoError(t, err)
	_, err = net.DialTimeout("tcp", address, 300*time.Millisecond)
	require.True(t, os.IsTimeout(err), "%v", err)
}
