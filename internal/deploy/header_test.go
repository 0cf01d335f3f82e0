package deploy

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The header of an answer is held in memory, and so is bounded as the body is.
func TestClient_RefusesLargeHeaders(t *testing.T) {
	t.Parallel()
	secret := rand.Text()
	for name, header := range map[string]func(http.Header){
		"one line":   func(h http.Header) { h.Set("X-Long", secret+strings.Repeat("x", maxHeader)) },
		"many lines": func(h http.Header) { h["X-Many"] = strings.Fields(strings.Repeat(secret+" ", maxHeader/20)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, func(w http.ResponseWriter, _ *http.Request) {
				header(w.Header())
				_, _ = io.WriteString(w, `{"tenantUUID":"a","tenantToken":"b"}`)
			})
			_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
			require.ErrorContains(t, err, " has a header of more than 65536 bytes, which is refused: check DT_API_URL, and whether a proxy in between adds to it")
			c.clean(t, err)
			requireClean(t, err, secret)
			require.EqualValues(t, 1, c.requests.Load(), "not asked again")
		})
	}
}

// Half of the limit is far more than clusters and proxies send.
func TestClient_TakesUsualHeaders(t *testing.T) {
	t.Parallel()
	c := newCluster(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", maxHeader/2))
		_, _ = io.WriteString(w, `{"tenantUUID":"a","tenantToken":"b"}`)
	})
	_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
	require.NoError(t, err)
}

func TestReach_RefusesLargeHeaders(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", maxHeader))
	}))
	t.Cleanup(srv.Close)
	err := Probe(t.Context(), srv.URL, "endpoint 1", Options{})
	require.EqualError(t, err, "the answer of endpoint 1 has a header of more than 65536 bytes, which is refused: check its address, and whether a proxy in between adds to it")
}
