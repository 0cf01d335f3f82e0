package deploy

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(srv.Close)
	require.NoError(t, Probe(t.Context(), srv.URL+"/communication", "endpoint 1", Options{}), "any answer is one")

	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	host := strings.TrimPrefix(closed.URL, "http://")
	for endpoint, want := range map[string]string{
		closed.URL:                  "endpoint 1 refused the connection",
		"https://endpoint.invalid/": "endpoint 1",
		"no url":                    "endpoint 1 is no URL",
		"ftp://x.invalid":           "endpoint 1 is no URL",
		"":                          "endpoint 1 is no URL",
	} {
		err := Probe(t.Context(), endpoint, "endpoint 1", Options{})
		require.ErrorContains(t, err, want, endpoint)
		require.NotContains(t, err.Error(), host)
		require.NotContains(t, err.Error(), "endpoint.invalid")
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/e/abc12345/api/v1/deployment/installer/agent/versions/unix/paas-sh", r.URL.Path)
		assert.Equal(t, "musl", r.URL.Query().Get("flavor"))
		assert.Equal(t, "arm", r.URL.Query().Get("arch"))
		_, _ = w.Write([]byte(`{"availableVersions":["1.273.172.20230920-141324","1.305.152.20241113-104505"]}`))
	}))
	t.Cleanup(srv.Close)
	c, err := newClient(t, RawCredentials{URL: srv.URL, Tenant: "abc12345", Token: "token"}, Options{Timeout: 5 * time.Second})
	require.NoError(t, err)
	list, err := c.Versions(t.Context(), agent.FlavorMusl, agent.ArchARM)
	require.NoError(t, err)
	require.Equal(t, []string{"1.273.172.20230920-141324", "1.305.152.20241113-104505"}, list)
}

// TestProbe_ChecksACertificate as an agent does, and speaks HTTP/1.1.
func TestProbe_ChecksACertificate(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "probe/089", r.UserAgent())
		assert.Equal(t, "HTTP/1.1", r.Proto)
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	good := (&cluster{Server: srv}).ca()
	for want, ca := range map[string][]byte{
		"":                      good,
		"unknown authority":     nil,
		"neither in DT_CA_CERT": []byte(front.Certificate(t, nil)),
		"invalid DT_CA_CERT":    []byte("x"),
	} {
		err := Probe(t.Context(), " "+srv.URL+"\n", "endpoint 1", Options{RootCAs: ca, UserAgent: "probe/089"})
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), strings.TrimPrefix(srv.URL, "https://"))
	}
}
