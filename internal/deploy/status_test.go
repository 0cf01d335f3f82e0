package deploy

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStatusError_SaysWhatEachStatusMeans, and what to do about it.
func TestStatusError_SaysWhatEachStatusMeans(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		300: "the cluster rejected the request (300)",
		400: "the cluster rejected the request (400)",
		401: "the cluster refused the token (401); check DT_API_TOKEN",
		402: "the cluster rejected the request (402)",
		404: "the cluster does not know what was asked for (404); check DT_API_URL and DT_TENANT",
		409: "the cluster rejected the request (409)",
		429: "the cluster limits requests (429); try again in a minute",
		499: "the cluster rejected the request (499)",
		500: "the cluster failed (500); try again later",
		502: "a gateway in front of the cluster got no answer from it (502); try again later",
		503: "the cluster failed (503); try again later",
		504: "a gateway in front of the cluster got no answer from it (504); try again later",
		599: "the cluster failed (599); try again later",
	} {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			cl, _ := answers(func(int) (int, http.Header) { tries++; return code, nil }).client(t, Options{Timeout: time.Second})
			_, err := cl.ConnectionInfo(t.Context(), "", "")
			require.EqualError(t, err, want)
			require.Equal(t, code == 429 || code >= 500, tries > 1, "%d: %d tries", code, tries)
		})
	}
}

// TestStatusError_ReadsWhatTheClusterSays in each form that it says it in.
func TestStatusError_ReadsWhatTheClusterSays(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error":{"message":"no such zone."}}`:                                     ": no such zone; check the options that it names",
		`{"error":{"message":" "}}`:                                                 "",
		`{"error":{"message":".","constraintViolations":[{"path":"a"}]}}`:           ": a; check the options that it names",
		`{"error":{"constraintViolations":[{"path":"a","message":"b."},{}]}}`:       ": a: b; check the options that it names",
		`[{"error":{"message":"one."}},{"error":{}},{"error":{"message":" two "}}]`: ": one; two; check the options that it names",
		`[]`:                       "",
		`{"error":"x"}`:            "",
		`[{"error":"x"}]`:          "",
		`{"error":{"message":"cut`: "",
		`{"error":{"message":"x"}}` + strings.Repeat(" ", maxJSON): "",
	} {
		c := newCluster(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, body)
		})
		_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
		if len(body) > maxJSON {
			want = ": x; check the options that it names"
		}
		require.EqualError(t, err, "the cluster rejected the request (400)"+want, "%.50s", body)
	}
	c := newCluster(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"message":"x"}}`)
	})
	_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
	require.EqualError(t, err, "the cluster rejected the request (400)", "an answer that is not whole says nothing")
}

func TestTokenKind_NamesSecretsOfClients(t *testing.T) {
	t.Parallel()
	for kind, want := range map[tokenKind]string{
		"": "token", "dt0c01": "access token (dt0c01)", "dt0s16": "platform token (dt0s16)", "dt0s01": "token of the kind dt0s01",
		"dt0s02": "secret of an OAuth client (dt0s02)", "dt0s03": "secret of an OAuth client (dt0s03)", "dt0s08": "secret of an OAuth client (dt0s08)",
	} {
		require.Equal(t, want, kind.String())
	}
	for token, want := range map[string]tokenKind{"dt0Z89.x": "dt0Z89", "dt0a_-.x": "dt0a_-", "dt1c01.x": "", "dt0c01.": "dt0c01", ".dt0c01": "", "dt0c0.1": ""} {
		require.Equal(t, want, kindOf(token), token)
	}
}
