package start

import (
	"context"
	"debug/elf"
	"errors"
	"slices"
	"strings"
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
	probeErr    error
	probed      []string
}

func (a *asked) LatestVersion(context.Context, Request, agent.Flavor, agent.Arch) (string, error) {
	return a.latest, a.latestErr
}

func (a *asked) Probe(_ context.Context, _ Request, endpoint, _ string) error {
	a.probed = append(a.probed, endpoint)
	return a.probeErr
}

func (a *asked) Versions(context.Context, Request, agent.Flavor, agent.Arch) ([]string, error) {
	return a.versions, a.versionsErr
}

func (a *asked) ConnectionInfo(_ context.Context, r Request) (*deploy.ConnectionInfo, error) {
	a.requests = append(a.requests, r)
	return a.info, a.err
}

// rawOf shows what credentials hold.
func rawOf(c deploy.Credentials) deploy.RawCredentials {
	return deploy.RawCredentials{URL: c.URL(), Tenant: c.Tenant(), Token: c.Token()}
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

// other puts a library of another agent where something may name it.
func (f *fixture) other(lib string) *fixture {
	f.files.put(lib, 0o755, "\x7fELF library")
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
	credentials, err := deploy.NewCredentials(deploy.RawCredentials{URL: "https://dt.example.invalid", Tenant: "abc12345", Token: "apitoken"})
	require.NoError(t, err)
	require.Equal(t, "https://dt.example.invalid/e/abc12345/api", credentials.URL())
	require.Equal(t, []Request{{
		Credentials: credentials,
		NetworkZone: "zone",
		Version:     "1.305.152.20241113-104505",
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

func TestPlainStart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*fixture)
		debug  string
	}{
		{"the operator's variable", func(f *fixture) {
			f.other("/opt/x/agent/lib64/liboneagentproc.so").set("LD_PRELOAD=/opt/x/agent/lib64/liboneagentproc.so /a.so")
		}, "LD_PRELOAD names liboneagentproc.so already"},
		{"in the middle, with a token of ld.so", func(f *fixture) {
			f.other("/opt/lib64/liboneagentproc.so").set("LD_PRELOAD=/a.so:/opt/$LIB/liboneagentproc.so")
		}, "LD_PRELOAD names"},
		{"the system's file", func(f *fixture) {
			f.other("/opt/dynatrace/liboneagentproc.so").files.put(preloadFile, 0o644, "# comment\n/a.so /opt/dynatrace/liboneagentproc.so\n")
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
		f := newFixture(t).other("/operator/liboneagentproc.so").agentVariables().set("LD_PRELOAD="+list, "DT_START_LOG=debug")
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
