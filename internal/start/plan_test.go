package start

import (
	"context"
	"crypto/rand"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

const library = agent.Dir + "/" + agent.PreloadLibrary

// asked is a Cluster that remembers.
type asked struct {
	requests []Request
	info     *deploy.ConnectionInfo
	err      error

	latest      string
	latestErr   error
	versions    []string
	versionsErr error
	reachErr    error
}

func (a *asked) LatestVersion(context.Context, Request, agent.Flavor, agent.Arch) (string, error) {
	return a.latest, a.latestErr
}

func (a *asked) Reach(context.Context, Request, string, string) error { return a.reachErr }

func (a *asked) Versions(context.Context, Request, agent.Flavor, agent.Arch) ([]string, error) {
	return a.versions, a.versionsErr
}

func (a *asked) ConnectionInfo(_ context.Context, r Request) (*deploy.ConnectionInfo, error) {
	a.requests = append(a.requests, r)
	return a.info, a.err
}

// fixture is a container with an agent for glibc on x86 and a dynamic app.
type fixture struct {
	files   *tree
	env     []string
	args    []string
	cluster *asked
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{
		files: newTree(map[string]string{
			agent.SettingsPath: `{"mode":"build","version":"1.305.152.20241113-104505","flavor":"default","arch":"x86","preload":"` + library + `"}`,
			library:            "library",
			glibcLoader:        "loader",
			"/bin/app":         binaryFor(t, elf.EM_X86_64, glibcLoader),
			"/bin/static":      binaryFor(t, elf.EM_X86_64, ""),
			"/bin/musl":        binaryFor(t, elf.EM_X86_64, muslLoader),
			"/bin/arm":         binaryFor(t, elf.EM_AARCH64, "/lib/ld-linux-aarch64.so.1"),
			"/bin/script":      "#! /bin/app -e\n",
			"/srv/here":        "#!/bin/static",
		}),
		env:  []string{"PATH=/sbin:/bin", "HOME=/root"},
		args: []string{"app", "-v"},
		cluster: &asked{info: &deploy.ConnectionInfo{
			Tenant: "abc12345", TenantToken: "tenanttoken", Endpoints: []string{"https://a.invalid", "https://b.invalid"},
		}},
	}
	f.files.put("/bin/plain", 0o644, "data")
	f.files.put(agent.Dir+"/log/keep", 0o644, "")
	f.files.put(agent.Dir+"/log", 0o777|1<<31, "")
	return f
}

func (f *fixture) make(t *testing.T) *Plan {
	t.Helper()
	return Make(t.Context(), Input{Args: f.args, Env: f.env, Files: f.files, Cluster: f.cluster})
}

func (f *fixture) set(env ...string) *fixture {
	f.env = append(f.env, env...)
	return f
}

func (f *fixture) agentVariables() *fixture {
	return f.set("DT_TENANT=abc12345", "DT_TENANTTOKEN=tenanttoken", "DT_CONNECTION_POINT=https://a.invalid")
}

func (f *fixture) apiVariables() *fixture {
	return f.set("DT_API_URL=https://dt.example.invalid", "DT_API_TOKEN=apitoken", "DT_TENANT=abc12345")
}

func said(p *Plan) string {
	var b strings.Builder
	log := p.Log
	log.Write(&b)
	return b.String()
}

func TestAgentVariables(t *testing.T) {
	t.Parallel()
	f := newFixture(t).agentVariables()
	f.env = append(f.env, "ODD", "=odd", "X=a=b")
	p := f.make(t)
	require.Zero(t, p.Exit)
	require.True(t, p.Monitored)
	require.Equal(t, "/bin/app", p.Path)
	require.Equal(t, []string{"app", "-v"}, p.Args)
	require.Equal(t, append(slices.Clone(f.env), "LD_PRELOAD="+library), p.Env)
	require.Empty(t, said(p), "there is nothing to say where all is well")
	require.Empty(t, f.cluster.requests)
	require.Equal(t, []string{agent.SettingsPath, "/bin/app"}, f.files.opened, "each file costs every start")
}

// TestAgentVariablesAreTrimmed: what was looked at is what the agent gets.
func TestAgentVariablesAreTrimmed(t *testing.T) {
	t.Parallel()
	f := newFixture(t).set("DT_TENANT=abc12345\r\n", "X= x ", "DT_TENANTTOKEN= t", "DT_CONNECTION_POINT=https://a.invalid\n", "DT_NETWORK_ZONE= zone ")
	p := f.make(t)
	require.True(t, p.Monitored)
	require.Equal(t, []string{
		"PATH=/sbin:/bin", "HOME=/root", "DT_TENANT=abc12345", "X= x ", "DT_TENANTTOKEN=t",
		"DT_CONNECTION_POINT=https://a.invalid", "DT_NETWORK_ZONE=zone", "LD_PRELOAD=" + library,
	}, p.Env)
}

func TestAPIVariables(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables().set("DT_NETWORK_ZONE= zone ", "DT_PROXY=http://proxy.invalid:3128", "DT_START_TIMEOUT=3")
	p := f.make(t)
	require.Equal(t, []Request{{
		Credentials: deploy.Credentials{URL: "https://dt.example.invalid/e/abc12345/api", Tenant: "abc12345", Token: "apitoken"},
		NetworkZone: "zone",
		Proxy:       "http://proxy.invalid:3128",
		Timeout:     3 * time.Second,
	}}, f.cluster.requests)
	env := newEnviron(p.Env)
	require.Equal(t, "abc12345", env.get("DT_TENANT"))
	require.Equal(t, "tenanttoken", env.get("DT_TENANTTOKEN"))
	require.Equal(t, "https://a.invalid;https://b.invalid", env.get("DT_CONNECTION_POINT"))
	require.Equal(t, library, env.get("LD_PRELOAD"))
	require.Equal(t, "http://proxy.invalid:3128", env.get("DT_PROXY"), "the agent needs it too")
	require.NotContains(t, strings.Join(p.Env, "\n"), "apitoken")
	require.Empty(t, said(p))
}

func TestTokenIsKept(t *testing.T) {
	t.Parallel()
	p := newFixture(t).apiVariables().set("DT_START_KEEP_TOKEN=true").make(t)
	require.Contains(t, p.Env, "DT_API_TOKEN=apitoken")
}

func TestTokenIsDroppedFromAPlainStart(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"DT_AGENTACTIVE=false", "LD_PRELOAD=/x/liboneagentproc.so", "DT_START_TIMEOUT=odd"} {
		f := newFixture(t).apiVariables().set(env)
		f.cluster.err = errors.New("no")
		require.NotContains(t, strings.Join(f.make(t).Env, "\n"), "apitoken", env)
	}
}

func TestPreload(t *testing.T) {
	t.Parallel()
	muslAgent := `{"mode":"build","flavor":"musl","arch":"x86","preload":"` + library + `"}`
	both := `{"mode":"build","flavor":"multidistro","arch":"x86","preload":"` + library + `"}`
	for _, tc := range []struct {
		name, app string
		change    func(*fixture)
		want      string // of LD_PRELOAD
		why       string // it is withheld
	}{
		{name: "dynamic", app: "app", want: library},
		{name: "path", app: "/bin/app", want: library},
		{name: "static init, dynamic root", app: "static", want: library},
		{name: "script", app: "script", want: library},
		{name: "script in the working directory", app: "./here", want: library},
		{name: "in front of others", app: "app", change: func(f *fixture) { f.set("LD_PRELOAD=/a.so /b.so:/c.so") }, want: library + ":/a.so /b.so:/c.so"},
		{name: "empty before", app: "app", change: func(f *fixture) { f.set("LD_PRELOAD= ") }, want: library},
		{name: "unreadable app", app: "/bin/app", change: func(f *fixture) { f.files.put("/bin/app", 0o111, "") }, want: library},
		{name: "scratch", app: "static", change: func(f *fixture) { delete(f.files.MapFS, glibcLoader[1:]) }, why: "there is no loader in the image that could load the agent (/lib64/ld-linux-x86-64.so.2, for glibc)"},
		{name: "nix", app: "/bin/nix", change: func(f *fixture) {
			delete(f.files.MapFS, glibcLoader[1:])
			f.files.put("/bin/nix", 0o755, binaryFor(t, elf.EM_X86_64, "/nix/store/abc-glibc/lib/ld-linux-x86-64.so.2"))
		}, want: library},
		{name: "musl app, glibc agent", app: "musl", why: "/bin/musl is linked against /lib/ld-musl-x86_64.so.1, the agent in the image is for glibc"},
		{name: "gcompat", app: "static", change: func(f *fixture) { f.files.put(agent.Gcompat, 0o755, "") }, why: "there is no loader"},
		{name: "other processor", app: "arm", why: "/bin/arm is made for another processor than the agent (x86, 64 bits)"},
		{name: "musl app, musl agent", app: "musl", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, muslAgent) }, want: library},
		{name: "glibc app, musl agent", app: "app", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, muslAgent) }, why: "the agent in the image is for musl"},
		{name: "static, musl agent, glibc root", app: "static", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, muslAgent) }, why: muslLoader},
		{name: "multidistro, musl", app: "musl", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, both) }, want: library},
		{name: "multidistro, glibc", app: "app", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, both) }, want: library},
		{name: "multidistro, static, musl root", app: "static", change: func(f *fixture) {
			f.files.put(agent.SettingsPath, 0o644, both).put(muslLoader, 0o755, "")
			delete(f.files.MapFS, glibcLoader[1:])
		}, want: library},
		{name: "no library", app: "app", change: func(f *fixture) { delete(f.files.MapFS, library[1:]) }, why: "the agent's library " + library + " is not in the image"},
		{name: "no settings", app: "app", change: func(f *fixture) { delete(f.files.MapFS, agent.SettingsPath[1:]) }, why: "reading /opt/dynatrace/dt-start.json"},
		{name: "damaged settings", app: "app", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, "{") }, why: "/opt/dynatrace/dt-start.json is damaged"},
		{name: "unknown mode", app: "app", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, `{"mode":"later"}`) }, why: `mode "later"`},
		{name: "unknown arch", app: "app", change: func(f *fixture) {
			f.files.put(agent.SettingsPath, 0o644, `{"arch":"riscv64","preload":"`+library+`"}`)
		}, why: "no architecture of an agent"},
		{name: "loop of scripts", app: "/bin/loop", change: func(f *fixture) { f.files.put("/bin/loop", 0o755, "#!/bin/loop\n") }, want: library},
		{name: "forced", app: "app", change: func(f *fixture) {
			f.set("LD_PRELOAD=/other/liboneagentproc.so:"+library, "DT_START_FORCE=true")
		}, want: library + ":/other/liboneagentproc.so"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).agentVariables()
			f.args = []string{tc.app}
			if tc.change != nil {
				tc.change(f)
			}
			p := f.make(t)
			require.Zero(t, p.Exit)
			if tc.why == "" {
				require.Equal(t, tc.want, newEnviron(p.Env).get("LD_PRELOAD"), said(p))
				require.True(t, p.Monitored)
				require.Empty(t, said(p))
				return
			}
			require.False(t, p.Monitored)
			require.Equal(t, f.env, p.Env, "the app starts as it would without us")
			require.True(t, strings.HasPrefix(said(p), "dt-start: the app runs unmonitored: "), said(p))
			require.Contains(t, said(p), tc.why)
			require.Equal(t, 1, strings.Count(said(p), "\n"))
		})
	}
}

func TestWithheldAsksNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables()
	f.args = []string{"musl"}
	require.False(t, f.make(t).Monitored)
	require.Empty(t, f.cluster.requests)
}

func TestPlainStart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*fixture)
		debug  string
	}{
		{"the operator's variable", func(f *fixture) { f.set("LD_PRELOAD=/opt/x/agent/lib64/liboneagentproc.so /a.so") }, "LD_PRELOAD names liboneagentproc.so already"},
		{"in the middle, with a token of ld.so", func(f *fixture) { f.set("LD_PRELOAD=/a.so:/opt/$LIB/liboneagentproc.so") }, "LD_PRELOAD names"},
		{"the system's file", func(f *fixture) {
			f.files.put(preloadFile, 0o644, "# comment\n/a.so /opt/dynatrace/liboneagentproc.so\n")
		}, "/etc/ld.so.preload names"},
		{"switched off", func(f *fixture) { f.set("DT_AGENTACTIVE=False") }, "DT_AGENTACTIVE=false"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).agentVariables()
			tc.change(f)
			p := f.make(t)
			require.Equal(t, f.env, p.Env)
			require.Empty(t, said(p))
			p = f.set("DT_START_LOG=debug").make(t)
			require.Contains(t, said(p), tc.debug)
			// It is as intended, so that nothing fails.
			require.Zero(t, f.set("DT_START_ON_ERROR=fail").make(t).Exit)
		})
	}
	// What the build put into the environment is nobody else's.
	for list, others := range map[string]bool{library + ":/a.so": false, "/operator/liboneagentproc.so:" + library: true} {
		f := newFixture(t).agentVariables().set("LD_PRELOAD="+list, "DT_START_LOG=debug")
		f.files.put(agent.SettingsPath, 0o644, `{"mode":"build","flavor":"default","arch":"x86","preloadEnv":true,"preload":"`+library+`"}`)
		p := f.make(t)
		require.Contains(t, p.Env, "LD_PRELOAD="+list)
		require.Equal(t, others, strings.Contains(said(p), "LD_PRELOAD names liboneagentproc.so already"))
	}

	f := newFixture(t).agentVariables()
	f.files.put(preloadFile, 0o644, "# /opt/dynatrace/liboneagentproc.so\n/a.so\n")
	require.True(t, f.make(t).Monitored)
	require.Contains(t, strings.Join(f.make(t).Env, " "), "LD_PRELOAD="+library, "a comment names nothing")
}

func TestCommand(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, path string
		args       []string
		want       string
		exit       int
		why        string
	}{
		{name: "in PATH", path: "PATH=/sbin:/bin", args: []string{"app"}, want: "/bin/app"},
		{name: "slash at the end", path: "PATH=/bin/", args: []string{"app"}, want: "/bin/app"},
		{name: "absolute", args: []string{"/bin/app"}, want: "/bin/app"},
		{name: "relative", args: []string{"./here"}, want: "./here"},
		{name: "empty entry is the working directory", path: "PATH=/sbin::", args: []string{"here"}, want: "./here"},
		{name: "no PATH", args: []string{"app"}, want: "/bin/app"},
		{name: "nothing", exit: 127, why: "nothing to start: the image has no entrypoint and no command"},
		{name: "empty name", path: "PATH=/bin", args: []string{""}, exit: 127, why: `cannot start "": not found in PATH`},
		{name: "not in PATH", path: "PATH=/bin", args: []string{"none"}, exit: 127, why: `cannot start "none": not found in PATH`},
		{name: "no such file", args: []string{"/bin/none"}, exit: 127, why: `cannot start "/bin/none": file does not exist`},
		{name: "not executable", path: "PATH=/bin", args: []string{"plain"}, exit: 126, why: `cannot start "/bin/plain": permission denied`},
		{name: "a directory", args: []string{"/bin"}, exit: 126, why: `cannot start "/bin": is a directory`},
		{name: "a directory in PATH", path: "PATH=/", args: []string{"bin"}, exit: 127, why: "not found in PATH"},
		{name: "odd name", path: "PATH=/bin", args: []string{"a\nb\x1b"}, exit: 127, why: `cannot start "a\nb\x1b": not found in PATH`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).apiVariables()
			f.env = slices.DeleteFunc(f.env, func(s string) bool { return strings.HasPrefix(s, "PATH=") })
			if tc.path != "" {
				f.set(tc.path)
			}
			f.args = tc.args
			p := f.make(t)
			require.Equal(t, tc.exit, p.Exit)
			require.Equal(t, tc.want, p.Path)
			if tc.why != "" {
				require.Contains(t, said(p), tc.why)
				require.Empty(t, f.cluster.requests, "it fails at once")
			}
		})
	}
}

func TestExecutableAfterDenied(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.files.put("/sbin/app", 0o644, "")
	require.Equal(t, "/bin/app", f.make(t).Path, "the search goes on, as a shell's does")
}

func TestOnError(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		env  []string
		exit int
		want string
	}{
		{"default", nil, 0, "dt-start: the app runs unmonitored: asking for connection info with the API variables: no luck\n"},
		{"skip", []string{"DT_START_ON_ERROR=skip"}, 0, "dt-start: the app runs unmonitored: "},
		{"fail", []string{"DT_START_ON_ERROR= FAIL"}, 78, "dt-start: the app is not started, since it would run unmonitored: asking "},
		{"typo", []string{"DT_START_ON_ERROR=Fial"}, 0, "dt-start: DT_START_ON_ERROR is ignored: want skip or fail\ndt-start: the app runs unmonitored: "},
		{"json", []string{"DT_START_LOG=json"}, 0, `{"level":"warn","logger":"dt-start","message":"the app runs unmonitored: asking for connection info with the API variables: no luck"}` + "\n"},
		{"off", []string{"DT_START_LOG=off"}, 0, ""},
		{"off, but fail", []string{"DT_START_LOG=off", "DT_START_ON_ERROR=fail"}, 78, "dt-start: the app is not started"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).apiVariables().set(tc.env...)
			f.cluster.err = errors.New("no luck")
			p := f.make(t)
			require.Equal(t, tc.exit, p.Exit)
			require.True(t, strings.HasPrefix(said(p), tc.want), said(p))
			if tc.want == "" {
				require.Empty(t, said(p))
			}
		})
	}
}

func TestNoSource(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := f.make(t)
	require.Equal(t, f.env, p.Env, "an agent without a cluster is of no use")
	require.Contains(t, said(p), "no communication details: set DT_TENANT, DT_TENANTTOKEN and DT_CONNECTION_POINT")
	require.Equal(t, 78, f.set("DT_START_ON_ERROR=fail").make(t).Exit)
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{
		"": DefaultTimeout, "1s": time.Second, "250ms": 250 * time.Millisecond, "2": 2 * time.Second, "0.5": 500 * time.Millisecond,
		"0": DefaultTimeout, "-1s": DefaultTimeout, "soon": DefaultTimeout, "48h": DefaultTimeout, "NaN": DefaultTimeout, "1e300": DefaultTimeout,
	} {
		f := newFixture(t).apiVariables().set("DT_START_TIMEOUT=" + s)
		p := f.make(t)
		require.Equal(t, want, f.cluster.requests[0].Timeout, s)
		if s != "" && s != "2" && want == DefaultTimeout {
			require.Equal(t, "dt-start: DT_START_TIMEOUT is ignored: want a time as 2s, 500ms or 2\n", said(p))
		}
	}
}

// deaf heeds no context.
type deaf struct {
	Cluster
	until chan struct{}
}

func (d deaf) ConnectionInfo(context.Context, Request) (*deploy.ConnectionInfo, error) {
	<-d.until
	return nil, nil
}

func TestTimeoutIsHard(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables().set("DT_START_TIMEOUT=50ms")
	d := deaf{until: make(chan struct{})}
	defer close(d.until)
	began := time.Now()
	p := Make(t.Context(), Input{Args: f.args, Env: f.env, Files: f.files, Cluster: d})
	require.Less(t, time.Since(began), 20*time.Second)
	require.Zero(t, p.Exit)
	require.Contains(t, said(p), "did not answer in time")
	require.Contains(t, said(p), "DT_START_TIMEOUT=50ms")
}

type broken struct {
	Cluster
	secret string
}

func (b broken) ConnectionInfo(context.Context, Request) (*deploy.ConnectionInfo, error) {
	panic(b.secret)
}

func TestPanic(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables()
	b := broken{secret: rand.Text()}
	p := Make(t.Context(), Input{Args: f.args, Env: f.env, Files: f.files, Cluster: b})
	require.Zero(t, p.Exit)
	require.Contains(t, said(p), "internal error of dt-start")
	require.NotContains(t, said(p), b.secret)
}

func TestNoEndpoints(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables()
	f.cluster.info = &deploy.ConnectionInfo{Tenant: "a", TenantToken: "b"}
	require.Contains(t, said(f.make(t)), "the cluster names no communication endpoints")
}

func TestDebugHidesSecrets(t *testing.T) {
	t.Parallel()
	apiToken, tenantToken := rand.Text(), rand.Text()
	f := newFixture(t).set("DT_API_TOKEN="+apiToken, "DT_TENANT=abc12345", "DT_START_LOG=debug")
	f.cluster.info.TenantToken = tenantToken
	p := f.make(t)
	require.True(t, p.Monitored)
	require.Contains(t, said(p), "dt-start: communication details are from the API variables\n")
	require.Contains(t, said(p), "DT_TENANTTOKEN=***")
	require.Contains(t, said(p), "set LD_PRELOAD="+library)
	require.NotContains(t, said(p), apiToken)
	require.NotContains(t, said(p), tenantToken)
}

func TestCACert(t *testing.T) {
	t.Parallel()
	const pem = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"
	for _, tc := range []struct{ name, value, want, why string }{
		{"certificates", pem, pem, ""},
		{"a file", "/etc/ca.pem", "from the file", ""},
		{"no file", "/etc/none", "", "reading the file that DT_CA_CERT names: file does not exist"},
		{"neither", "some\nlines", "", "DT_CA_CERT holds neither PEM nor the path of a file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).apiVariables().set("DT_CA_CERT=" + tc.value)
			f.files.put("/etc/ca.pem", 0o644, "from the file")
			p := f.make(t)
			if tc.why != "" {
				require.Contains(t, said(p), tc.why)
				require.Empty(t, f.cluster.requests)
				return
			}
			require.Equal(t, tc.want, string(f.cluster.requests[0].RootCAs))
		})
	}
}

func TestInsecureHTTPIsSaid(t *testing.T) {
	t.Parallel()
	f := newFixture(t).set("DT_API_URL=http://127.0.0.1", "DT_API_TOKEN=x", "DT_TENANT=abc12345")
	require.Contains(t, said(f.make(t)), "plain http")
}

func TestStorage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		dirs        []string
		env         []string
		storage     string
		logToStderr bool
	}{
		{name: "the agent's own", dirs: []string{agent.Dir + "/log", "/tmp"}},
		{name: "TMPDIR", dirs: []string{"/mine", "/tmp"}, env: []string{"TMPDIR=/mine"}, storage: "/mine"},
		{name: "logging elsewhere is another matter", dirs: []string{"/tmp"}, env: []string{"DT_LOGSTREAM=stdout"}, storage: "/tmp"},
		{name: "TMPDIR missing", dirs: []string{"/tmp"}, env: []string{"TMPDIR=/none"}, storage: "/tmp"},
		{name: "shared memory", dirs: []string{"/dev/shm"}, storage: "/dev/shm"},
		{name: "none", logToStderr: true},
		{name: "set", dirs: []string{"/tmp"}, env: []string{"DT_STORAGE=/my"}, storage: "/my"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).agentVariables().set(tc.env...)
			delete(f.files.MapFS, agent.Dir+"/log"[1:])
			f.files.put(agent.Dir+"/log", 0o555|1<<31, "")
			for _, d := range tc.dirs {
				f.files.put(d, 0o777|1<<31, "")
			}
			env := newEnviron(f.make(t).Env)
			require.Equal(t, tc.storage, env.get("DT_STORAGE"))
			require.Equal(t, tc.logToStderr, env.get("DT_LOGSTREAM") == "stderr")
		})
	}
}

func TestExec(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		errs []error
		exit int
		want string
	}{
		{"no interpreter", []error{syscall.ENOENT}, 127, `cannot start "/bin/app": no such file or directory (the interpreter or the loader that it names is missing)`},
		{"no format", []error{syscall.ENOEXEC}, 126, "neither a program for this machine nor a script with #!"},
		{"denied", []error{syscall.EACCES}, 126, "permission denied"},
		{"too large", []error{syscall.E2BIG, nil}, 126, "dt-start: the app runs unmonitored: there is no room for the agent's variables"},
		{"too large anyway", []error{syscall.E2BIG, syscall.E2BIG}, 126, `cannot start "/bin/app": argument list too long`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).agentVariables()
			var envs [][]string
			var b strings.Builder
			exit := f.make(t).Exec(func(path string, args, env []string) error {
				require.Equal(t, "/bin/app", path)
				require.Equal(t, f.args, args)
				envs = append(envs, env)
				return tc.errs[len(envs)-1]
			}, &b)
			require.Equal(t, tc.exit, exit)
			require.Contains(t, b.String(), tc.want)
			require.Len(t, envs, len(tc.errs))
			if len(envs) == 2 {
				require.Equal(t, f.env, envs[1])
			}
		})
	}
	t.Run("too large, and to fail", func(t *testing.T) {
		t.Parallel()
		var b strings.Builder
		p := newFixture(t).agentVariables().set("DT_START_ON_ERROR=fail").make(t)
		times := 0
		exit := p.Exec(func(string, []string, []string) error { times++; return syscall.E2BIG }, &b)
		require.Equal(t, exitConfig, exit)
		require.Equal(t, 1, times)
		require.Equal(t, "dt-start: the app is not started, since it would run unmonitored: there is no room for the agent's variables in its environment\n", b.String())
	})
	t.Run("too large without us", func(t *testing.T) {
		t.Parallel()
		p := newFixture(t).set("LD_PRELOAD=/x/liboneagentproc.so", "DT_START_ON_ERROR=fail").make(t)
		exit := p.Exec(func(string, []string, []string) error { return syscall.E2BIG }, io.Discard)
		require.Equal(t, exitNotExecutable, exit)
	})
	t.Run("nothing to start", func(t *testing.T) {
		t.Parallel()
		p := Make(t.Context(), Input{Files: newTree(nil)})
		require.Equal(t, 127, p.Exec(nil, io.Discard))
	})
}

func TestLoads(t *testing.T) {
	t.Parallel()
	for interp, want := range map[string][3]bool{ // default, musl, multidistro
		glibcLoader:                         {true, false, true},
		"/lib/ld-linux-aarch64.so.1":        {true, false, true},
		"/lib64/ld64.so.2":                  {true, false, true},
		"/lib/ld64.so.1":                    {true, false, true},
		"/gnu/store/x/ld-linux-x86-64.so.2": {true, false, true},
		muslLoader:                          {false, true, true},
		"/system/bin/linker64":              {false, false, false},
		"/lib/ld-uClibc.so.0":               {false, false, false},
	} {
		for i, flavor := range []agent.Flavor{agent.FlavorDefault, agent.FlavorMusl, agent.FlavorMultidistro} {
			require.Equal(t, want[i], loads(interp, flavor), "%s %s", interp, flavor)
		}
	}
}

func TestPlatforms(t *testing.T) {
	t.Parallel()
	for name, arch := range agent.Architectures {
		_, ok := platformOf(arch)
		require.True(t, ok, name)
	}
}

func TestShebang(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"#!/bin/sh\n": "/bin/sh", "#! \t/usr/bin/env node\n": "/usr/bin/env", "#!/bin/sh": "/bin/sh", "#!/bin/sh\x00x": "/bin/sh",
		"#!\n/bin/sh": "", "": "", "/bin/sh": "", "#!/a\r\n": "/a\r",
	} {
		require.Equal(t, want, shebang([]byte(in)), "%q", in)
	}
}

func TestEnviron(t *testing.T) {
	t.Parallel()
	e := newEnviron([]string{"A=1", "B=2", "A=3", "AB=4", "odd", "C="})
	require.Equal(t, "1", e.get("A"))
	e.set("A", "5")
	e.preset("C", "6")
	e.preset("D", "7")
	e.unset("B")
	require.Equal(t, []string{"A=5", "AB=4", "odd", "C=", "D=7"}, e.list())
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a b[31m c", oneLine("a\nb\x1b[31m\tc\x00\u202e"))
	require.Equal(t, "[debug warn error]", fmt.Sprint([]level{levelDebug, levelWarn, levelError}))
}
