package agentimage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// dtInstall runs dt-install out of the frontend's own image, as people do.
func dtInstall(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	image := buildx.Build(t, buildx.Request{Dockerfile: "FROM " + testenv.Frontend(t) + "\n"})
	c := container.Run(t, image, func(s *runc.Spec) {
		s.Entrypoint, s.Cmd, s.Env = []string{"/dt-install"}, args, env
	})
	code, err := c.Wait()
	require.NoError(t, err)
	return c.Stdout(), c.Stderr(), code
}

// What lock prints is a directive that builds, and pins what it says.
func TestLock_Builds(t *testing.T) {
	env := tenant.New(t)
	out, said, code := dtInstall(t, tenant.APIDetails(env), "lock", "--include=java,nginx")
	require.Zero(t, code, said)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 2)
	require.Regexp(t, `^# dynatrace=version=`+cluster.DefaultTarget+`;include=java,nginx;checksum=sha256:[0-9a-f]{64}$`, lines[0])
	require.Regexp(t, `^# dynatrace=version=`+cluster.DefaultTarget+`;include=java,nginx;layer=sha256:[0-9a-f]{64}$`, lines[1])
	for _, line := range lines {
		r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n" + line + "\nFROM debian:bookworm-slim\n", Secrets: tenant.Secrets(env)})
		require.Contains(t, lines[1], r.Image(t).Config.Config.Labels[inspect.LayerLabel])
	}
	search.RequireNoSecrets(t, out+said, env)
}

// One directive pins several agents.
func TestLock_PlatformsAndFlavors(t *testing.T) {
	env := tenant.New(t)
	out, said, code := dtInstall(t, tenant.APIDetails(env), "lock", "--platform=linux/amd64,linux/arm64", "--flavor=default,musl")
	require.Zero(t, code, said)
	line, _, _ := strings.Cut(out, "\n")
	for _, of := range []string{"amd64/default@", "amd64/musl@", "arm64/default@", "arm64/musl@"} {
		require.Contains(t, line, of+"sha256:")
	}
	buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n" + line + "\nFROM busybox:1.37-musl\n",
		Secrets:    tenant.Secrets(env), Args: []string{"--platform=linux/amd64,linux/arm64"},
	})
}

// An installer is told the agent's machine there, too.
func TestLock_AnotherMachine(t *testing.T) {
	env := tenant.New(t)
	env.SetFault(cluster.Fault{Kind: cluster.ScriptAsksMachine})
	out, said, code := dtInstall(t, tenant.APIDetails(env), "lock", "--platform=linux/amd64,linux/s390x")
	require.Zero(t, code, said)
	require.Contains(t, out, "s390x/default@sha256:")
}

// One image for several environments has to suit the oldest.
func TestLock_SeveralEnvironments(t *testing.T) {
	old, young := tenant.New(t, cluster.WithVersions("x86", "default", cluster.DefaultVersions[0])), tenant.New(t)
	var args []string
	dir := t.TempDir()
	for _, env := range []*cluster.Environment{young, old} {
		folder := filepath.Join(dir, env.ID())
		require.NoError(t, os.Mkdir(folder, 0o755))
		for id, v := range tenant.Secrets(env) {
			require.NoError(t, os.WriteFile(filepath.Join(folder, id), []byte(v), 0o600))
		}
		args = append(args, "--secrets=/secrets/"+env.ID())
	}
	image := buildx.Build(t, buildx.Request{Dockerfile: "FROM " + testenv.Frontend(t) + "\n"})
	lock := func(more ...string) (string, string, int) {
		c := container.Run(t, image, func(s *runc.Spec) {
			s.Entrypoint, s.Cmd = []string{"/dt-install"}, append(append([]string{"lock"}, args...), more...)
			s.Mounts = append(s.Mounts, specs.Mount{Destination: "/secrets", Type: "bind", Source: dir, Options: []string{"bind", "ro"}})
		})
		code, err := c.Wait()
		require.NoError(t, err)
		return c.Stdout(), c.Stderr(), code
	}
	out, said, code := lock()
	require.Zero(t, code, said)
	require.Contains(t, out, "version="+cluster.DefaultVersions[0]+";")
	out, said, code = lock("--version=" + cluster.DefaultTarget)
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, said, "the nearest that all have are "+cluster.DefaultVersions[0])
}

// The three variables, for a secret that a job refreshes.
func TestConnection_PrintsTheThreeVariables(t *testing.T) {
	env := tenant.New(t)
	for format, want := range map[string]string{
		"env":        "DT_TENANT=" + env.ID() + "\nDT_TENANTTOKEN=" + env.TenantToken() + "\nDT_CONNECTION_POINT=" + strings.Join(env.Endpoints(), ";") + "\n",
		"k8s-secret": "kind: Secret\nmetadata:\n  name: \"oneagent\"\ntype: Opaque\nstringData:\n  DT_TENANT: \"" + env.ID() + "\"\n",
		"cf":         "env:\n  DT_TENANT: \"" + env.ID() + "\"\n",
	} {
		out, said, code := dtInstall(t, tenant.APIDetails(env), "connection", "--format="+format)
		require.Zero(t, code, said)
		require.Contains(t, out, want)
		require.NotContains(t, out+said, env.APIToken())
	}
	out, said, code := dtInstall(t, nil, "connection")
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, said, "missing secrets")
	_, said, code = dtInstall(t, tenant.APIDetails(env), "connection", "--format=x")
	require.Equal(t, 2, code)
	require.Contains(t, said, "usage: dt-install connection [--format cf|env|k8s-secret]")
}
