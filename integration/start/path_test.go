package start

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// buildExample builds an example as it stands, with the frontend named on the
// command line, where its syntax line would ask a registry for the real one.
func buildExample(t testing.TB, name string, env *cluster.Environment, args ...string) buildx.Result {
	t.Helper()
	return buildx.Build(t, buildx.Request{
		Context: testenv.Example(t, name),
		Secrets: tenant.Secrets(env),
		Args:    append([]string{"--build-arg", "BUILDKIT_SYNTAX=" + testenv.Frontend(t)}, args...),
	})
}

// serve starts a web app on a free port and waits for its first answer.
func serve(t testing.TB, r buildx.Result, env []string) (c *runc.Container, answer string) {
	t.Helper()
	port := freePort(t)
	c = container.Run(t, r, func(s *runc.Spec) {
		s.Env = append(slices.Clone(env), "HOST=127.0.0.1", fmt.Sprintf("PORT=%d", port))
	})
	require.Eventually(t, func() bool {
		res, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", port))
		if err != nil {
			return false
		}
		defer res.Body.Close()
		dt, err := io.ReadAll(res.Body)
		answer = string(dt)
		return err == nil && res.StatusCode == http.StatusOK
	}, 20*time.Second, 50*time.Millisecond, "the app answers: %s%s", c.Stdout(), c.Stderr())
	return c, answer
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// The main job: a real web server from its Dockerfile to its check-in.
func TestApp_WebServerChecksIn(t *testing.T) {
	env := tenant.New(t)
	r := buildExample(t, "hello", env)
	c, answer := serve(t, r, tenant.APIDetails(env))
	require.Contains(t, answer, "Hello from Node.js")
	require.Contains(t, answer, "process 1\n", "the app is PID 1")

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	in, err := env.WaitCheckIn(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, "node", in.Process)
	require.Equal(t, 1, in.PID)
	require.Equal(t, env.ID(), in.Tenant)
	// The stand-in has no TLS.
	require.Equal(t, "dt-start: the cluster is asked over plain http: whoever can listen on the way sees the token\n", c.Stderr())

	require.NoError(t, c.Signal(syscall.SIGTERM))
	code, err := c.Wait()
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, c.Stdout(), "SIGTERM: closing", "the app itself was told")
}

// A static binary on nothing: no loader there fits the agent.
func TestApp_StaticBinaryReportsWhyItIsNotMonitored(t *testing.T) {
	env := tenant.New(t)
	r := buildExample(t, "static", env)
	c, answer := serve(t, r, tenant.APIDetails(env))
	require.Contains(t, answer, "process 1\n")

	lines := strings.Split(strings.TrimSpace(c.Stderr()), "\n")
	var ours []string
	for _, l := range lines {
		if strings.HasPrefix(l, "dt-start: ") {
			ours = append(ours, l)
		}
	}
	require.Len(t, ours, 1, "one line: %s", c.Stderr())
	require.Contains(t, ours[0], "loader")
	require.Empty(t, env.CheckIns())

	require.NoError(t, c.Signal(syscall.SIGTERM))
	code, err := c.Wait()
	require.NoError(t, err)
	require.Zero(t, code)
}

func TestApp_ExitCodeIsKept(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENTRYPOINT [\"/bin/sh\", \"-c\", \"exit $0\"]\nCMD [\"42\"]\n",
		Secrets:    tenant.Secrets(env),
	})
	for cmd, want := range map[string]int{"": 42, "0": 0, "137": 137} {
		c := container.Run(t, r, func(s *runc.Spec) {
			s.Env = tenant.AgentDetails(env)
			if cmd != "" {
				s.Cmd = []string{cmd}
			}
		})
		code, err := c.Wait()
		require.NoError(t, err)
		require.Equal(t, want, code)
	}
}

func TestApp_GetsTheSignal(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCMD [\"sh\", \"-c\", \"trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done\"]\n",
		Secrets:    tenant.Secrets(env),
	})
	c := container.Run(t, r, func(s *runc.Spec) { s.Env = tenant.AgentDetails(env) })
	require.Eventually(t, func() bool { return strings.Contains(c.Stdout(), "ready") }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, c.Signal(syscall.SIGTERM))
	code, err := c.Wait()
	require.NoError(t, err)
	require.Equal(t, 7, code)
}

// The predecessor's images did not start when the cluster was down.
func TestApp_StartsWhenTheClusterIsDown(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCMD [\"echo\", \"it runs\"]\n",
		Secrets:    tenant.Secrets(env),
	})
	tests := map[string][]string{
		"no details at all": nil,
		"cluster refuses":   {"DT_API_URL=http://127.0.0.1:1/e/x/api", "DT_API_TOKEN=" + env.APIToken(), "DT_TENANT=" + env.ID()},
		"wrong token":       {"DT_API_URL=" + env.APIURL(), "DT_API_TOKEN=" + env.APIToken() + "X", "DT_TENANT=" + env.ID()},
	}
	for name, vars := range tests {
		t.Run(name, func(t *testing.T) {
			c := container.Run(t, r, func(s *runc.Spec) { s.Env = vars })
			code, err := c.Wait()
			require.NoError(t, err)
			require.Zero(t, code)
			require.Equal(t, "it runs\n", c.Stdout())
			require.Equal(t, 1, strings.Count(c.Stderr(), "dt-start: the app runs unmonitored: "), "one line says why: %s", c.Stderr())
			require.NotContains(t, c.Stderr(), env.APIToken())
		})
	}
}

func TestApp_DoesNotGetTheToken(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCMD [\"env\"]\n",
		Secrets:    tenant.Secrets(env),
	})
	c := container.Run(t, r, func(s *runc.Spec) { s.Env = tenant.APIDetails(env) })
	code, err := c.Wait()
	require.NoError(t, err)
	require.Zero(t, code)
	out := c.Stdout()
	require.NotContains(t, out, env.APIToken())
	require.Contains(t, out, "DT_TENANT="+env.ID()+"\n")
	require.Contains(t, out, "DT_TENANTTOKEN="+env.TenantToken()+"\n")
	require.Contains(t, out, "DT_CONNECTION_POINT="+strings.Join(env.Endpoints(), ";")+"\n")
	require.Contains(t, out, "LD_PRELOAD=/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so\n")
}
