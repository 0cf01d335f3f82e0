package start

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/figure"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	dtagent "github.com/org/dt-frontend/internal/agent"
)

const (
	// startTimeout is DT_START_TIMEOUT beside a cluster that fails.
	startTimeout = time.Second
	// longTimeout is for what another try does not change: on a machine that is
	// busy time must not be up before.
	longTimeout = 20 * time.Second
	// startMargin is generous: machines are noisy. The figures are exact.
	startMargin = 15 * time.Second
)

// Whatever the cluster does, the app runs in time.
func TestStart_RunsTheAppInTime(t *testing.T) {
	s := sharedStarts.Get(t)
	var mu sync.Mutex
	var table []string
	t.Cleanup(func() {
		slices.Sort(table)
		figure.Print("start beside a cluster that fails: the time until the app ran")
		for _, row := range table {
			figure.Print("  %s", row)
		}
	})
	for _, tc := range []struct {
		name    string
		timeout time.Duration
		fault   startFault
		says    string // as a regular expression
	}{
		// In the last moment a try may be cut short.
		{"connection refused", startTimeout, refused, "refused the connection|in time"},
		{"black-holed address", startTimeout, blackHole, "did not answer in time"},
		{"DNS that never answers", startTimeout, silentNameServer, "in time"},
		{"500", startTimeout, answered(cluster.FaultInternal), `\(500\)|in time`},
		{"503", startTimeout, answered(cluster.FaultUnavailable), `\(503\)|in time`},
		{"stops in mid-body", startTimeout, answered(cluster.FaultStall), "in time"},
		{"cut in mid-body", startTimeout, answered(cluster.FaultCut), "."},
		{"one byte a second", startTimeout, answeredBy(drip), "in time"},
		{"429 for an hour", longTimeout, limited, `\(429\)`},
		{"401", longTimeout, answered(cluster.FaultUnauthorized), `\(401\)`},
		{"403", longTimeout, answered(cluster.FaultForbidden), `\(403\)`},
		{"404", longTimeout, answered(cluster.FaultNotFound), `\(404\)`},
		{"TLS with an unknown CA", longTimeout, unknownAuthority, "DT_CA_CERT"},
		{"200 with HTML", longTimeout, answered(cluster.FaultHTML), "web page"},
		{"empty body", longTimeout, answeredBy(func(http.ResponseWriter, *http.Request) {}), "empty"},
		{"1 GB of body", longTimeout, answeredBy(gigabyte), "larger than"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			env := s.environment()
			r, o := s.debian.report(t, func(spec *runc.Spec) {
				spec.Entrypoint = []string{"/app/" + probeStatic, "time", dtagent.StartPath, "--", s.debian.app}
				spec.Env = append(tenant.APIDetails(env), "DT_START_TIMEOUT="+tc.timeout.String())
				if address := tc.fault(t, env, spec); address != "" {
					spec.Env = append(spec.Env, "DT_API_URL="+address+"/api")
				}
			})
			why := slices.DeleteFunc(o.lines, func(line string) bool { return line == plainHTTP })
			took := r.ran - r.began
			mu.Lock()
			table = append(table, fmt.Sprintf("%-24s %6.0f ms  (DT_START_TIMEOUT=%s)", tc.name, 1e3*took.Seconds(), tc.timeout))
			mu.Unlock()
			t.Log(why)
			require.Len(t, why, 1, "one line says why")
			require.True(t, strings.HasPrefix(why[0], unmonitored), why[0])
			require.Regexp(t, tc.says, why[0])
			require.NotContains(t, why[0], env.APIToken())
			require.Less(t, took, tc.timeout+startMargin)
			require.Equal(t, 1, r.pid)
			require.NotContains(t, r.names(), "LD_PRELOAD")
			require.NotContains(t, r.names(), "DT_API_TOKEN")
			require.Empty(t, env.CheckIns())
		})
	}
}

// What is over soon costs no monitoring.
func TestStart_RecoversFromShortFaults(t *testing.T) {
	s := sharedStarts.Get(t)
	for _, fault := range []cluster.Fault{
		{Kind: cluster.FaultInternal}, {Kind: cluster.FaultUnavailable}, {Kind: cluster.FaultCut},
		{Kind: cluster.FaultRateLimit, Reset: 300 * time.Millisecond},
	} {
		t.Run(string(fault.Kind), func(t *testing.T) {
			t.Parallel()
			env := s.environment()
			fault.Times = 1
			env.SetFault(fault)
			r, o := s.debian.report(t, func(spec *runc.Spec) {
				spec.Entrypoint = []string{"/app/" + probeStatic, "time", dtagent.StartPath, "--", s.debian.app}
				spec.Env = append(tenant.APIDetails(env), "DT_START_TIMEOUT="+longTimeout.String())
			})
			require.Equal(t, []string{plainHTTP}, o.lines)
			require.GreaterOrEqual(t, r.ran-r.began, fault.Reset)
			require.Equal(t, 2, env.Count(cluster.EndpointConnectionInfo))
			tenant.RequireCheckIn(t, env, s.debian.app)
		})
	}
}
