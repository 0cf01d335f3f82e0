package start

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	dtagent "github.com/org/dt-frontend/internal/agent"
)

// What cannot be started ends as in a shell.
func TestStart_CommandNotFound(t *testing.T) {
	s := sharedStarts.Get(t)
	for name, tc := range map[string]struct {
		command []string
		code    int
		says    string
	}{
		"absent":                {[]string{"/app/absent"}, 127, `cannot start "/app/absent": no such file or directory`},
		"not in PATH":           {[]string{"absent"}, 127, `cannot start "absent": not found in PATH`},
		"nothing":               {nil, 127, "nothing to start"},
		"an empty name":         {[]string{""}, 127, "nothing to start"},
		"folder":                {[]string{"/app"}, 126, `cannot start "/app": is a directory`},
		"not executable":        {[]string{"/app/data"}, 126, `cannot start "/app/data": permission denied`},
		"not in PATH as it is":  {[]string{"data"}, 126, `cannot start "/app/data": permission denied`},
		"interpreter is absent": {[]string{"/app/script-orphan"}, 127, "the interpreter or the loader that it names is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := s.environment()
			o := s.debian.finish(t, func(spec *runc.Spec) {
				spec.Entrypoint = append([]string{dtagent.StartPath, "--"}, tc.command...)
				spec.Env = append(tenant.AgentDetails(env), "PATH=/bin:/app")
				spec.User = "12345"
			})
			require.Equal(t, tc.code, o.code)
			require.Len(t, o.lines, 1, "%q", o.lines)
			require.True(t, strings.HasPrefix(o.lines[0], "dt-start: "), o.lines[0])
			require.Contains(t, o.lines[0], tc.says)
		})
	}
}

// Engines take an entrypoint of one empty string for none, and cannot see it
// behind ours.
func TestStart_EmptyEntrypoint(t *testing.T) {
	s := sharedStarts.Get(t)
	env := s.environment()
	r, _ := s.debian.report(t, func(spec *runc.Spec) {
		spec.Entrypoint = []string{dtagent.StartPath, "--", ""}
		spec.Cmd = []string{s.debian.app}
		spec.Env = tenant.AgentDetails(env)
	})
	tenant.RequireCheckIn(t, env, s.debian.app)
	require.Equal(t, 1, r.pid)
}

// These variables tell dt-start itself what to do.
func TestStart_Options(t *testing.T) {
	s := sharedStarts.Get(t)
	for name, tc := range map[string]struct {
		env []string
		// token, the API's, is then not the environment's.
		wrong bool
		check func(t *testing.T, env *cluster.Environment, o startResult)
	}{
		"the token is not handed on": {check: func(t *testing.T, env *cluster.Environment, o startResult) {
			r := parseReport(t, o.stdout)
			require.NotContains(t, r.names(), "DT_API_TOKEN")
			require.NotContains(t, o.stdout, env.APIToken(), "under no name")
			require.Equal(t, env.APIURL(), r.value("DT_API_URL"))
		}},
		"DT_START_KEEP_TOKEN": {env: []string{"DT_START_KEEP_TOKEN=true"}, check: func(t *testing.T, env *cluster.Environment, o startResult) {
			require.Equal(t, env.APIToken(), parseReport(t, o.stdout).value("DT_API_TOKEN"))
		}},
		"DT_AGENTACTIVE=false": {env: []string{"DT_AGENTACTIVE=false"}, check: func(t *testing.T, env *cluster.Environment, o startResult) {
			r := parseReport(t, o.stdout)
			require.Empty(t, o.lines)
			require.Empty(t, env.Requests(), "nobody is asked")
			require.NotContains(t, r.names(), "LD_PRELOAD")
			require.NotContains(t, r.names(), "DT_TENANTTOKEN")
		}},
		"DT_START_LOG=debug": {env: []string{"DT_START_LOG=debug"}, check: func(t *testing.T, env *cluster.Environment, o startResult) {
			said := strings.Join(o.lines, "\n")
			require.Contains(t, said, "communication details are from the API variables")
			require.Contains(t, said, "DT_TENANTTOKEN=<tenant token>")
			require.Contains(t, said, "LD_PRELOAD="+agentLibrary)
			require.NotContains(t, said, env.TenantToken())
			require.NotContains(t, said, env.APIToken())
			for _, line := range o.lines {
				require.True(t, strings.HasPrefix(line, "dt-start: "), line)
			}
		}},
		"DT_START_LOG=json": {env: []string{"DT_START_LOG=json"}, wrong: true, check: func(t *testing.T, _ *cluster.Environment, o startResult) {
			require.Len(t, o.lines, 2)
			for _, line := range o.lines {
				require.Regexp(t, `^\{.*"(msg|message)":".*\}$`, line)
			}
			parseReport(t, o.stdout)
		}},
		"DT_START_LOG=off": {env: []string{"DT_START_LOG=off"}, wrong: true, check: func(t *testing.T, _ *cluster.Environment, o startResult) {
			require.Empty(t, o.lines)
			parseReport(t, o.stdout)
		}},
		"a wrong token": {wrong: true, check: func(t *testing.T, _ *cluster.Environment, o startResult) {
			r := parseReport(t, o.stdout)
			require.NotContains(t, r.names(), "LD_PRELOAD")
			require.Len(t, o.lines, 2, "%q", o.lines)
			require.True(t, strings.HasPrefix(o.lines[1], unmonitored), o.lines[1])
		}},
		"DT_START_ON_ERROR=fail": {env: []string{"DT_START_ON_ERROR=fail"}, wrong: true, check: func(t *testing.T, _ *cluster.Environment, o startResult) {
			require.Equal(t, 78, o.code)
			require.Empty(t, o.stdout, "the app is not started")
			require.Contains(t, strings.Join(o.lines, "\n"), "dt-start: the app is not started, since it would run unmonitored: ")
		}},
		"DT_START_ON_ERROR=fail, all is well": {env: []string{"DT_START_ON_ERROR=fail"}, check: func(t *testing.T, env *cluster.Environment, o startResult) {
			parseReport(t, o.stdout)
			tenant.RequireCheckIn(t, env, probeGlibc)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := s.environment()
			o := s.debian.finish(t, func(spec *runc.Spec) {
				spec.Env = append(tenant.APIDetails(env), tc.env...)
				if tc.wrong {
					spec.Env = append(spec.Env, "DT_API_TOKEN="+env.APIToken()+"X")
				}
			})
			require.NotContains(t, strings.Join(o.lines, "\n"), env.APIToken())
			tc.check(t, env, o)
		})
	}
}
