package cluster_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
)

// A process with an installed agent is seen by the cluster.
func TestAgentChecksIn(t *testing.T) {
	s := start(t)
	e := s.AddEnvironment()
	i, err := e.Installer(cluster.Spec{SkipMetadata: true})
	require.NoError(t, err)
	root := install(t, i)
	cmd := exec.Command("/bin/true")
	cmd.Env = []string{
		"LD_PRELOAD=" + filepath.Join(root, "agent/lib64/liboneagentproc.so"),
		"DT_TENANT=" + e.ID(), "DT_TENANTTOKEN=" + e.TenantToken(), "DT_CONNECTION_POINT=" + strings.Join(e.Endpoints(), ";"),
	}
	require.NoError(t, cmd.Run())
	got, err := e.WaitCheckIn(t.Context(), func(c cluster.CheckIn) bool { return c.Process == "true" })
	require.NoError(t, err)
	require.Equal(t, "/bin/true", got.Args)
	require.Equal(t, cmd.Process.Pid, got.PID)
	require.Equal(t, i.Spec.Version, got.Version)
	require.Equal(t, e.ID(), got.AgentTenant)
	require.Len(t, e.CheckIns(), 1)
	require.Equal(t, 2, e.Count(cluster.EndpointCommunication), "HEAD comes first")

	// The wrapper that comes with an agent works, too.
	i, err = e.Installer(cluster.Spec{})
	require.NoError(t, err)
	require.NoError(t, exec.Command(filepath.Join(install(t, i), "dynatrace-agent64.sh"), "/bin/sleep", "0").Run())
	_, err = e.WaitCheckIn(t.Context(), func(c cluster.CheckIn) bool { return c.Process == "sleep" })
	require.NoError(t, err)

	res, err := http.Get(s.URL() + "/_standin/checkins")
	require.NoError(t, err)
	defer res.Body.Close()
	var listed []map[string]any
	require.NoError(t, json.NewDecoder(res.Body).Decode(&listed))
	require.Equal(t, "true", listed[0]["process"])
	require.Equal(t, true, listed[0]["accepted"])
	require.NotContains(t, listed[0], "args")
}

// An agent is known by its Basic credentials alone, and what it sends is not
// kept.
func TestCheckInByCredentials(t *testing.T) {
	s := start(t)
	e, other := s.AddEnvironment(), s.AddEnvironment()
	const head, post = http.MethodHead, http.MethodPost
	for _, tc := range []struct {
		name, method, tenant, token string
		status                      int
	}{
		{"own", post, e.ID(), e.TenantToken(), 200},
		{"before it", head, e.ID(), e.TenantToken(), 200},
		{"other's token", post, e.ID(), other.TenantToken(), 401},
		{"other's token, before it", head, e.ID(), other.TenantToken(), 401},
		{"API token", post, e.ID(), e.APIToken(), 401},
		{"unknown", post, "nobody", e.TenantToken(), 401},
		{"nothing", post, "", "", 401},
		{"another method", http.MethodGet, e.ID(), e.TenantToken(), 405},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tc.method, s.URL()+"/communication", strings.NewReader(strings.Repeat("\x00binary", 10_000)))
		require.NoError(t, err)
		if tc.tenant != "" {
			r.SetBasicAuth(tc.tenant, tc.token)
		}
		r.Header.Set("User-Agent", "ruxit/1.307.59.20250224-192604 0xab12 "+tc.tenant)
		r.Header.Set("Content-Type", "application/bin")
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.Equal(t, tc.status, res.StatusCode, tc.name)
		require.Zero(t, res.ContentLength, tc.name)
		require.NoError(t, res.Body.Close())
	}
	require.Empty(t, other.CheckIns())
	require.Len(t, e.CheckIns(), 3)
	first := e.CheckIns()[0]
	require.NotZero(t, first.Time)
	first.Time = time.Time{}
	require.Equal(t, cluster.CheckIn{
		Tenant: e.ID(), Accepted: true, Version: "1.307.59.20250224-192604", AgentTenant: e.ID(), Size: 70_000,
	}, first)
	require.False(t, e.CheckIns()[1].Accepted)
	require.Equal(t, e.ID(), s.Requests()[0].Owner)
	require.Empty(t, s.Requests()[0].Foreign)
	require.Equal(t, other.ID(), s.Requests()[2].Owner)
	require.Equal(t, []string{other.ID()}, s.Requests()[2].Foreign)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := e.WaitCheckIn(ctx, func(c cluster.CheckIn) bool { return c.Process != "" })
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// Behind TLS as the vendor's agents ask for it.
func TestCheckInByTLS(t *testing.T) {
	s := start(t)
	e := s.AddEnvironment()
	authority := front.NewAuthority(t)
	address := front.Serve(t, authority, "127.0.0.1", "127.0.0.1:0", s)
	e.SetEndpoint("https://" + address + "/communication")
	require.Equal(t, "https://"+address+"/communication", e.Endpoints()[0])
	require.Equal(t, address, e.EndpointHosts()[0])

	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM([]byte(authority.PEM)))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.Endpoints()[0], strings.NewReader("binary"))
	require.NoError(t, err)
	r.SetBasicAuth(e.ID(), e.TenantToken())
	res, err := client.Do(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, 200, res.StatusCode)
	require.Len(t, e.CheckIns(), 1)
}
