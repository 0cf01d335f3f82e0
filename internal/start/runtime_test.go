package start

import (
	"debug/elf"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/start/provision"
	"github.com/stretchr/testify/require"
)

func TestRuntimeInstalls(t *testing.T) {
	t.Parallel()
	f := newRuntimeFixture(t, `,"include":["java"],"networkZone":"zone"`).api()
	f.set("DT_AGENT_DIR= /data ")
	p := f.make(t)
	require.True(t, p.Monitored, said(p))
	require.Equal(t, []provision.Order{{
		Spec:    agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault, Include: []string{"java"}},
		Version: version,
		Dir:     "/data",
	}}, f.installer.orders)
	env := newEnviron(p.Env)
	require.Equal(t, "/tmp/x/oneagent/lib.so", env.get("LD_PRELOAD"))
	require.Equal(t, "tenanttoken", env.get("DT_TENANTTOKEN"))
	require.Equal(t, "zone", env.get("DT_NETWORK_ZONE"))
	require.Equal(t, "zone", f.cluster.requests[0].NetworkZone)
	require.Empty(t, env.get("DT_STORAGE"), "the installed agent's own folder is writable")
	require.Empty(t, said(p))
	require.Equal(t, "dt-start: downloaded 10% with <API token>\n", f.stderr.String())
}

func TestRuntimeProgressHeedsTheLogFormat(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"json": `{"level":"info","logger":"dt-start","message":"downloaded 10% with <API token>"}` + "\n",
		"off":  "",
	} {
		f := newRuntimeFixture(t, "").api()
		f.set("DT_START_LOG=" + format)
		require.True(t, f.make(t).Monitored)
		require.Equal(t, want, f.stderr.String())
	}
}

func TestRuntimeFlavor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, app, settings string
		change              func(*runtimeFixture)
		want                agent.Flavor
		why                 string
	}{
		{name: "glibc", app: "app", want: agent.FlavorDefault},
		{name: "static on glibc", app: "static", want: agent.FlavorDefault},
		{name: "both", app: "app", change: func(f *runtimeFixture) { f.files.put(muslLoader, 0o755, "") }, want: agent.FlavorMultidistro},
		{name: "musl", app: "musl", change: func(f *runtimeFixture) {
			delete(f.files.MapFS, glibcLoader[1:])
			f.files.put(muslLoader, 0o755, "")
		}, want: agent.FlavorMusl},
		{name: "gcompat", app: "musl", change: func(f *runtimeFixture) {
			f.files.put(agent.Gcompat, 0o755, "")
			f.files.put(muslLoader, 0o755, "")
		}, want: agent.FlavorMusl},
		{name: "given", app: "app", settings: `,"flavor":"multidistro"`, want: agent.FlavorMultidistro},
		{name: "given and foreign", app: "app", settings: `,"flavor":"musl"`, why: "is for musl"},
		{name: "a loader of its own", app: "nix", change: func(f *runtimeFixture) {
			delete(f.files.MapFS, glibcLoader[1:])
			f.files.put("/bin/nix", 0o755, binaryFor(t, elf.EM_X86_64, "/nix/lib/ld-linux-x86-64.so.2"))
		}, want: agent.FlavorDefault},
		{name: "none", app: "static", change: func(f *runtimeFixture) { delete(f.files.MapFS, glibcLoader[1:]) }, why: "no loader in the image that could load an agent"},
		{name: "another processor", app: "arm", why: "another processor"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newRuntimeFixture(t, tc.settings).api()
			f.args = []string{tc.app}
			if tc.change != nil {
				tc.change(f)
			}
			p := f.make(t)
			if tc.why != "" {
				require.False(t, p.Monitored)
				require.Contains(t, said(p), tc.why)
				require.Empty(t, f.installer.orders, "nothing is downloaded in vain")
				require.Empty(t, f.cluster.requests)
				return
			}
			require.True(t, p.Monitored, said(p))
			require.Equal(t, tc.want, f.installer.orders[0].Spec.Flavor)
		})
	}
}

func TestRuntimeFailsOpen(t *testing.T) {
	t.Parallel()
	down := errors.New("cluster down")
	for _, tc := range []struct {
		name, settings string
		change         func(*runtimeFixture)
		why            string // unmonitored
		warns          string // monitored
		installs       int
	}{
		{name: "in place", change: func(f *runtimeFixture) { f.installer.inPlace = placed(version) }},
		{name: "pinned and in place", settings: `,"version":"` + version + `"`, change: func(f *runtimeFixture) {
			f.installer.inPlace, f.cluster.latestErr = placed(version), down
		}},
		{name: "another is in place", change: func(f *runtimeFixture) { f.installer.inPlace = placed("1.1.1.20200101-000000") }, installs: 1},
		{name: "another is in place and the install fails", change: func(f *runtimeFixture) {
			f.installer.inPlace, f.installer.err = placed("1.1.1.20200101-000000"), down
		}, warns: "OneAgent 1.1.1.20200101-000000, which is in place, is used: installing the agent: cluster down", installs: 1},
		{name: "another is in place and the version is unknown", change: func(f *runtimeFixture) {
			f.installer.inPlace, f.cluster.latestErr = placed("1.1.1.20200101-000000"), down
		}, warns: "is used: asking for the version of OneAgent (default, x86): cluster down"},
		{name: "pinned and another is in place", settings: `,"version":"` + version + `"`, change: func(f *runtimeFixture) {
			f.installer.inPlace, f.installer.err = placed("1.1.1.20200101-000000"), down
		}, why: "installing the agent: cluster down", installs: 1},
		{name: "no version", change: func(f *runtimeFixture) { f.cluster.latestErr = down }, why: "cluster down"},
		{name: "no connection info", change: func(f *runtimeFixture) { f.cluster.err = down }, why: "asking for connection info with the API variables: cluster down"},
		{name: "secrets", change: func(f *runtimeFixture) { f.installer.err = errors.New("printed apitoken and tenanttoken") }, why: "printed <API token> and <tenant token>", installs: 1},
		{name: "too late", change: func(f *runtimeFixture) {
			f.installer.hang = true
			f.set("DT_START_DOWNLOAD_TIMEOUT=200ms")
		}, why: "the agent was not installed in time (DT_START_DOWNLOAD_TIMEOUT=200ms)", installs: 1},
		{name: "odd version", settings: `,"version":"../x"`, why: "names no version of an agent"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newRuntimeFixture(t, tc.settings).api()
			if tc.change != nil {
				tc.change(f)
			}
			began := time.Now()
			p := f.make(t)
			require.Less(t, time.Since(began), 5*time.Second)
			require.Zero(t, p.Exit)
			require.Equal(t, "/bin/app", p.Path, "the app starts")
			require.Len(t, f.installer.orders, tc.installs)
			require.Equal(t, tc.why == "", p.Monitored, said(p))
			if tc.why != "" {
				require.Contains(t, said(p), "the app runs unmonitored: ")
				require.Contains(t, said(p), tc.why)
				require.Equal(t, 1, strings.Count(said(p), "\n"))
				require.NotContains(t, strings.Join(p.Env, "\n"), "LD_PRELOAD")
				require.NotContains(t, said(p), "apitoken")
				f.set("DT_START_ON_ERROR=fail")
				require.Equal(t, exitConfig, f.make(t).Exit)
				return
			}
			if tc.warns == "" {
				require.Empty(t, said(p))
				return
			}
			require.Contains(t, said(p), tc.warns)
		})
	}
}

// TestFIPS: in a built image it is too late for it.
func TestFIPS(t *testing.T) {
	t.Parallel()
	const vcap = `VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"abc12345","apitoken":"apitoken","enablefips":"true"}}]}`
	f := newRuntimeFixture(t, "")
	f.set(vcap)
	p := f.make(t)
	require.True(t, p.Monitored)
	require.True(t, f.installer.orders[0].FIPS)
	require.Empty(t, said(p))
	b := newFixture(t).set(vcap)
	require.Contains(t, said(b.make(t)), "enablefips is ignored: whether the agent is in FIPS mode was decided when the image was built")
}

// TestRuntimeWithAgentVariables: they tell the agent where to report, and
// nobody where to download from.
func TestRuntimeWithAgentVariables(t *testing.T) {
	t.Parallel()
	f := newRuntimeFixture(t, "")
	f.agentVariables()
	p := f.make(t)
	require.False(t, p.Monitored)
	require.Contains(t, said(p), "nothing to download it with: set DT_API_TOKEN")

	f.installer.inPlace = placed(version)
	p = f.make(t)
	require.True(t, p.Monitored)
	require.Empty(t, said(p))
	require.Empty(t, f.cluster.requests)

	f = newRuntimeFixture(t, "")
	f.agentVariables().set("DT_API_TOKEN=apitoken", "DT_API_URL=https://dt.example.invalid")
	p = f.make(t)
	require.True(t, p.Monitored, said(p))
	require.Len(t, f.installer.orders, 1)
	require.Empty(t, f.cluster.requests, "the details are given")
	require.Contains(t, p.Env, "DT_CONNECTION_POINT=https://a.invalid")
}

func TestRuntimePanic(t *testing.T) {
	t.Parallel()
	f := newRuntimeFixture(t, "").api()
	f.installer = nil
	p := f.make(t)
	require.False(t, p.Monitored)
	require.Equal(t, "/bin/app", p.Path)
	require.Contains(t, said(p), "internal error")
}
