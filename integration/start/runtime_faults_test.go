package start

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/figure"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	dtagent "github.com/org/dt-frontend/internal/agent"
)

// Whatever the download does, the app runs and one line says why.
func TestStartRuntime_RunsTheAppInTime(t *testing.T) {
	s := sharedRuntimeStarts.Get(t)
	installer := func(kind cluster.FaultKind) func(*cluster.Environment) {
		return func(env *cluster.Environment) {
			env.SetFault(cluster.Fault{Kind: kind, On: []cluster.Endpoint{cluster.EndpointInstaller}})
		}
	}
	for name, tc := range map[string]struct {
		env    []string
		fault  func(*cluster.Environment)
		mounts []specs.Mount
		says   string // as a regular expression
	}{
		"no cluster":      {env: []string{"DT_API_URL=http://127.0.0.1:1/api"}, says: "refused the connection|in time"},
		"no details":      {env: []string{"DT_API_TOKEN=", "DT_TENANT="}, says: "."},
		"401":             {fault: installer(cluster.FaultUnauthorized), says: `\(401\)`},
		"404":             {fault: installer(cluster.FaultNotFound), says: `\(404\)`},
		"web page":        {fault: installer(cluster.FaultHTML), says: "."},
		"stops half-way":  {env: []string{"DT_START_DOWNLOAD_TIMEOUT=1s"}, fault: installer(cluster.FaultStall), says: "in time"},
		"wrong checksums": {fault: installer(cluster.FaultBadChecksum), says: "."},
		"no manifest":     {fault: installer(cluster.FaultNoManifest), says: "manifest"},
		"no space":        {mounts: []specs.Mount{tmpfs(container.AgentDir, "mode=1777", "size=256k")}, says: "no space left on device"},
		"no place":        {mounts: []specs.Mount{}, says: "no folder to install the agent into"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := s.cluster.AddEnvironment(cluster.WithFiller(2_000_000))
			if tc.fault != nil {
				tc.fault(env)
			}
			_, mount := container.AgentMount(t)
			if tc.mounts == nil {
				tc.mounts = []specs.Mount{mount}
			}
			r, o := s.debian.report(t, func(spec *runc.Spec) {
				container.AsOrdinary(append(tenant.APIDetails(env), tc.env...), tc.mounts...)(spec)
				spec.Entrypoint = []string{"/app/" + probeStatic, "time", dtagent.StartPath, "--", s.debian.app}
			})
			took := r.ran - r.began
			figure.Print("run-time start, %s: the app ran after %.0f ms", name, 1e3*took.Seconds())
			require.Less(t, took, 20*time.Second)
			require.NotContains(t, r.names(), "LD_PRELOAD")
			var why []string
			for _, line := range o.lines {
				require.NotContains(t, line, env.APIToken())
				if strings.HasPrefix(line, unmonitored) {
					why = append(why, line)
				}
			}
			require.Len(t, why, 1, "%q", o.lines)
			require.Regexp(t, tc.says, why[0])
			t.Log(why[0])
			require.Empty(t, env.CheckIns())
		})
	}
}

// downloading waits until a start has written something of the agent.
func downloading(t testing.TB, dir string) {
	t.Helper()
	require.Eventually(t, func() bool {
		var size int64
		_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				if info, err := d.Info(); err == nil {
					size += info.Size()
				}
			}
			return nil
		})
		return size > 0
	}, 20*time.Second, 10*time.Millisecond, "the installer is being written")
}

// The script is foreign code; where it does not work in an image there is the
// archive.
func TestStartRuntime_ScriptFails(t *testing.T) {
	s := sharedRuntimeStarts.Get(t)
	env := s.cluster.AddEnvironment()
	env.SetFault(cluster.Fault{Kind: cluster.FaultScriptFails})
	_, mount := container.AgentMount(t)
	r, o := s.debian.report(t, container.AsOrdinary(tenant.APIDetails(env), mount))
	requireInstalled(t, container.AgentDir, r, o)
	require.Len(t, o.lines, 2, "%q", o.lines)
	require.Contains(t, o.lines[1], "the installer failed")
	tenant.RequireCheckIn(t, env, s.debian.app)
}

// entries are the names in a folder.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// What a killed start leaves is in nobody's way.
func TestStartRuntime_AfterAKilledStart(t *testing.T) {
	s := sharedRuntimeStarts.Get(t)
	for name, image := range map[string]*startImage{"debian": s.debian, "no shell": s.shellLess} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := s.cluster.AddEnvironment(cluster.WithFiller(5_000_000))
			env.SetFault(cluster.Fault{Kind: cluster.FaultStall, On: []cluster.Endpoint{cluster.EndpointInstaller}, Times: 1})
			dir, mount := container.AgentMount(t)
			c := image.start(t, container.AsOrdinary(tenant.APIDetails(env), mount))
			downloading(t, dir)
			require.NoError(t, syscall.Kill(c.Pid(), syscall.SIGKILL))
			_, err := c.Wait()
			require.NoError(t, err)
			require.Empty(t, c.Stdout())
			left := entries(t, dir)
			require.NotContains(t, left, "oneagent")

			r, o := image.report(t, container.AsOrdinary(tenant.APIDetails(env), mount))
			requireInstalled(t, container.AgentDir, r, o)
			tenant.RequireCheckIn(t, env, image.app)
			require.Contains(t, entries(t, dir), "oneagent")
			require.LessOrEqual(t, len(entries(t, dir)), len(left), "the killed one's is gone: %q", entries(t, dir))
		})
	}
}

// A SIGTERM ends a download at once.
func TestStartRuntime_EndsBySIGTERM(t *testing.T) {
	s := sharedRuntimeStarts.Get(t)
	env := s.cluster.AddEnvironment(cluster.WithFiller(5_000_000))
	env.SetFault(cluster.Fault{Kind: cluster.FaultStall, On: []cluster.Endpoint{cluster.EndpointInstaller}})
	dir, mount := container.AgentMount(t)
	c := s.debian.start(t, container.AsOrdinary(tenant.APIDetails(env), mount))
	downloading(t, dir)
	began := time.Now()
	require.NoError(t, syscall.Kill(c.Pid(), syscall.SIGTERM))
	code, err := c.Wait()
	require.NoError(t, err)
	figure.Print("SIGTERM while the agent is downloaded: ended after %d ms", time.Since(began).Milliseconds())
	require.Less(t, time.Since(began), 5*time.Second)
	require.Equal(t, 128+int(syscall.SIGTERM), code)
	require.Empty(t, c.Stdout(), "the app is not started")
}
