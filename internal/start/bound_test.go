package start

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/start/provision"
	"github.com/stretchr/testify/require"
)

// silent is a cluster and an installer that never answer, and heed no context.
type silent struct {
	Cluster
	Installer
	until chan struct{}
}

func (s silent) ConnectionInfo(context.Context, Request) (*deploy.ConnectionInfo, error) {
	<-s.until
	return nil, errLate
}

func (s silent) LatestVersion(context.Context, Request, agent.Flavor, agent.Arch) (string, error) {
	<-s.until
	return "", errLate
}

func (silent) Find(provision.Order) (*provision.Agent, bool) { return nil, false }

func (s silent) Install(context.Context, Request, provision.Order, func(string)) (*provision.Agent, error) {
	<-s.until
	return nil, errLate
}

// TestBounds measures with a clock that stands still while we compute: the app
// starts within DT_START_TIMEOUT plus 50 ms, on any machine, and in run-time
// mode, once the cluster has answered, within DT_START_DOWNLOAD_TIMEOUT.
func TestBounds(t *testing.T) {
	t.Parallel()
	const (
		build   = ""
		runtime = `{"mode":"runtime","arch":"x86"}`
		pinned  = `{"mode":"runtime","arch":"x86","version":"` + version + `"}`
	)
	for _, tc := range []struct {
		settings string
		agent    bool // variables, so that nobody is asked for details
		env      []string
		want     time.Duration
		slack    time.Duration
	}{
		{settings: build, want: DefaultTimeout, slack: 50 * time.Millisecond},
		{settings: build, env: []string{"DT_START_TIMEOUT=300ms"}, want: 300 * time.Millisecond, slack: 50 * time.Millisecond},
		{settings: build, agent: true},
		{settings: runtime, want: DefaultTimeout, slack: 50 * time.Millisecond},
		{settings: pinned, want: DefaultTimeout, slack: 50 * time.Millisecond},
		{settings: runtime, agent: true, env: []string{"DT_API_TOKEN=apitoken"}, want: DefaultTimeout, slack: 50 * time.Millisecond},
		{settings: pinned, agent: true, env: []string{"DT_API_TOKEN=apitoken"}, want: DefaultDownloadTimeout},
		{settings: pinned, agent: true, env: []string{"DT_API_TOKEN=apitoken", "DT_START_DOWNLOAD_TIMEOUT=1s"}, want: time.Second},
		{settings: runtime, env: []string{"DT_START_DOWNLOAD_TIMEOUT=1s"}, want: time.Second},
	} {
		t.Run(fmt.Sprint(tc), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			if tc.settings != build {
				f.files.put(agent.SettingsPath, 0o644, tc.settings)
			}
			if tc.agent {
				f.agentVariables()
			} else {
				f.apiVariables()
			}
			f.set(tc.env...)
			synctest.Test(t, func(t *testing.T) {
				s := silent{until: make(chan struct{})}
				defer close(s.until)
				began := time.Now()
				p := Make(t.Context(), Input{Args: f.args, Env: f.env, Files: f.files, Cluster: s, Installer: s})
				took := time.Since(began)
				require.LessOrEqual(t, took, tc.want+tc.slack, said(p))
				require.Equal(t, "/bin/app", p.Path)
				require.Zero(t, p.Exit)
				require.Equal(t, tc.want == 0, p.Monitored, said(p))
			})
		})
	}
}
