package deploy

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const sum = "0189abcdef0189abcdef0189abcdef0189abcdef0189abcdef0189abcdef0189"

func TestChecksum_AsksForTheArchiveThatAQueryDescribes(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	body := ""
	c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		answer(body)(w, r)
	})
	cl := c.client(t, Options{})
	for _, body = range []string{`{"sha256":"` + sum + `"}`, `{"sha256":" ` + strings.ToUpper(sum) + `\n","x":1}`} {
		got, err := cl.Checksum(t.Context(), "1.305/x", url.Values{"arch": {"arm"}, "include": {"java", "go"}})
		require.NoError(t, err)
		require.Equal(t, sum, got)
		require.Equal(t, "/e/"+c.creds.Tenant+"/api/v1/deployment/installer/agent/unix/paas/version/1.305%2Fx/checksum", seen.URL.EscapedPath())
		require.Equal(t, "arch=arm&include=java&include=go", seen.URL.RawQuery)
	}
	for _, body = range []string{`{}`, `{"sha256":""}`, `{"sha256":"` + sum[1:] + `"}`, `{"sha256":"` + sum + `01"}`, `{"sha256":"x` + sum[1:] + `"}`, `{"sha256":"` + sum[2:] + `"}`} {
		got, err := cl.Checksum(t.Context(), "1", nil)
		require.ErrorContains(t, err, "is without a SHA-256", body)
		require.Empty(t, got)
	}
}

func TestChecksum_TellsThatAClusterDoesNotKnowIt(t *testing.T) {
	t.Parallel()
	c := newCluster(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	got, err := c.client(t, Options{}).Checksum(t.Context(), "1", nil)
	var status *StatusError
	require.ErrorAs(t, err, &status)
	require.Equal(t, http.StatusNotFound, status.Code)
	require.Empty(t, got)
}
