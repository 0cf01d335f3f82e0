package cluster_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

func TestAuthorization(t *testing.T) {
	s := start(t)
	e, other := s.AddEnvironment(), s.AddEnvironment()
	powerless, revoked := e.AddToken(), e.AddToken(cluster.ScopeInstallerDownload)
	e.RevokeToken(revoked)
	for _, tc := range []struct {
		name, header, query string
		status              int
		owner               string
		inQuery             bool
	}{
		{"header", "Api-Token " + e.APIToken(), "", 200, e.ID(), false},
		{"query", "", e.APIToken(), 200, e.ID(), true},
		{"none", "", "", 401, "", false},
		{"wrong", "Api-Token x", "", 401, cluster.OwnerUnknown, false},
		{"wrong scheme", "Bearer " + e.APIToken(), "", 401, "", false},
		{"revoked", "Api-Token " + revoked, "", 401, cluster.OwnerUnknown, false},
		{"no scope", "Api-Token " + powerless, "", 403, e.ID(), false},
		{"of another", "Api-Token " + other.APIToken(), "", 401, other.ID(), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := "/unix/paas-sh/latest/metainfo"
			if tc.query != "" {
				path += "?Api-Token=" + tc.query
			}
			res, _ := get(t, e, path, "Authorization", tc.header)
			require.Equal(t, tc.status, res.StatusCode)
			log := e.Requests()
			last := log[len(log)-1]
			require.Equal(t, tc.owner, last.Owner)
			require.Equal(t, tc.inQuery, last.TokenInQuery)
			require.Equal(t, cluster.EndpointMetainfo, last.Endpoint)
			require.Equal(t, tc.status, last.Status)
		})
	}
}

func TestRequests(t *testing.T) {
	s := start(t)
	e, other := s.AddEnvironment(), s.AddEnvironment()
	_, body := get(t, e, "/versions/unix/paas-sh?arch=arm", "User-Agent", "test")
	get(t, other, "/connectioninfo", "X-Stray", "has "+e.TenantToken()+" in it")
	res, err := http.Get(s.URL() + "/e/nobody/api/v1")
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())

	require.Len(t, s.Requests(), 3)
	require.Len(t, e.Requests(), 1)
	first := e.Requests()[0]
	require.Equal(t, cluster.EndpointVersions, first.Endpoint)
	require.Equal(t, "arm", first.Query.Get("arch"))
	require.Equal(t, "test", first.UserAgent)
	require.EqualValues(t, len(body), first.Bytes)
	require.Empty(t, first.Foreign)
	require.Equal(t, []string{e.ID()}, other.Requests()[0].Foreign)
	require.Equal(t, 1, other.Count(cluster.EndpointConnectionInfo))
	require.Equal(t, cluster.EndpointUnknown, s.Requests()[2].Endpoint)
}

// The log that people see must be fit to be shown.
func TestLogHoldsNoSecrets(t *testing.T) {
	var log strings.Builder
	s := cluster.New(cluster.Options{Logf: func(format string, args ...any) {
		for _, a := range args {
			if text, ok := a.(string); ok {
				log.WriteString(format + text)
			}
		}
	}})
	require.NoError(t, s.Start(""))
	defer s.Close()
	e := s.AddEnvironment()
	get(t, e, "/connectioninfo?Api-Token="+e.APIToken())
	require.NotContains(t, log.String(), e.APIToken())
	require.NotContains(t, log.String(), e.TenantToken())
}

const agentAPI = "/v1/deployment/installer/agent"

// start runs a server that ends with the test.
func start(t *testing.T) *cluster.Server {
	t.Helper()
	s := cluster.New(cluster.Options{Logf: t.Logf})
	require.NoError(t, s.Start(""))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// get asks the environment's agent API, with its own token unless a header
// says otherwise.
func get(t *testing.T, e *cluster.Environment, path string, header ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.APIURL()+agentAPI+path, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Api-Token "+e.APIToken())
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, body
}

func getJSON(t *testing.T, e *cluster.Environment, path string, into any) {
	t.Helper()
	res, body := get(t, e, path)
	require.Equal(t, http.StatusOK, res.StatusCode, "%s", body)
	require.NoError(t, json.Unmarshal(body, into))
}
