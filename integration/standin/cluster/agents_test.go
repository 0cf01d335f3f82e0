package cluster_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// others are agents whose installers tell what was asked for.
type others struct{}

func (others) Versions() []string {
	return []string{"1.161.1.20190306-094718", "1.307.2.20250224-192604"}
}

func (others) WriteInstaller(w io.Writer, spec cluster.Spec, links *cluster.AgentLinks) error {
	_, err := fmt.Fprintf(w, "%s %s %t", spec.Type, spec.Version, links != nil)
	if links != nil {
		fmt.Fprint(w, links.Tenant, links.TenantToken, links.Endpoints)
	}
	return err
}

func TestWithAgents(t *testing.T) {
	const base = "/v1/deployment/installer/agent/"
	srv := cluster.New(cluster.Options{})
	require.NoError(t, srv.Start(""))
	defer srv.Close()
	env := srv.AddEnvironment(cluster.WithAgents(others{}))
	get := func(path string) (int, string) {
		r, err := http.NewRequest(http.MethodGet, env.APIURL()+base+path, nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Api-Token "+env.APIToken())
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer res.Body.Close()
		dt, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(dt)
	}
	for path, want := range map[string]string{
		"unix/paas-sh/latest?skipMetadata=true":                                "paas-sh 1.307.2.20250224-192604 false",
		"unix/paas/version/1.161.1.20190306-094718?arch=x86&skipMetadata=true": "paas 1.161.1.20190306-094718 false",
		"unix/paas/latest": "paas 1.307.2.20250224-192604 true" + env.ID() + env.TenantToken() + fmt.Sprint(env.Endpoints()),
		"unix/paas/latest/metainfo?arch=x86&flavor=default": "{\"latestAgentVersion\":\"1.307.2.20250224-192604\"}\n",
	} {
		status, got := get(path)
		require.Equal(t, http.StatusOK, status, path)
		require.Equal(t, want, got, path)
	}
	status, _ := get("unix/paas-sh/latest?flavor=musl")
	require.Equal(t, http.StatusNotFound, status)
}
