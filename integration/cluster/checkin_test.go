package cluster_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/cluster"
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

func TestCheckInRefused(t *testing.T) {
	s := start(t)
	e, other := s.AddEnvironment(), s.AddEnvironment()
	for _, tc := range []struct {
		name, tenant, token, body string
		status                    int
	}{
		{"own", e.ID(), e.TenantToken(), `{"process":"p"}`, 200},
		{"other's token", e.ID(), other.TenantToken(), `{}`, 403},
		{"other's both", other.ID(), other.TenantToken(), `{}`, 403},
		{"API token", e.ID(), e.APIToken(), `{}`, 403},
		{"nothing", "", "", `{}`, 403},
		{"no JSON", e.ID(), e.TenantToken(), `process`, 400},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.Endpoints()[0], strings.NewReader(tc.body))
		require.NoError(t, err)
		r.Header.Set("X-Tenant", tc.tenant)
		r.Header.Set("X-Tenant-Token", tc.token)
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, tc.status, res.StatusCode, tc.name)
	}
	require.Len(t, e.CheckIns(), 5)
	require.True(t, e.CheckIns()[0].Accepted)
	require.False(t, e.CheckIns()[1].Accepted)
	require.Equal(t, other.ID(), e.Requests()[1].Owner)
	require.Equal(t, []string{other.ID()}, e.Requests()[1].Foreign)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := e.WaitCheckIn(ctx, func(c cluster.CheckIn) bool { return c.Tenant == other.ID() })
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
