package build

import (
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// Who replaces the entrypoint has the agent loaded all the same, and who keeps
// it has it once.
func TestPreload_ByTheEnvironment(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=preload=env\nFROM debian:bookworm-slim\nENTRYPOINT [\"/bin/sleep\", \"0\"]\n",
		Secrets:    tenant.Secrets(env),
	})
	const lib = "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so"
	require.Contains(t, r.Image(t).Config.Config.Env, "LD_PRELOAD="+lib)
	require.Contains(t, r.Output, "preload=env: every program that a container runs loads the agent")

	replaced := container.Run(t, r, func(s *runc.Spec) {
		s.Env, s.Entrypoint = tenant.AgentDetails(env), []string{"/bin/sleep", "0"}
	})
	code, err := replaced.Wait()
	require.NoError(t, err)
	require.Zero(t, code)
	require.Len(t, env.CheckIns(), 1)

	kept := container.Run(t, r, func(s *runc.Spec) { s.Env = append(tenant.AgentDetails(env), "DT_START_LOG=debug") })
	_, err = kept.Wait()
	require.NoError(t, err)
	require.Contains(t, kept.Stderr(), "set LD_PRELOAD="+lib+"\n", "once")
	require.Len(t, env.CheckIns(), 2)

	// An image made of it has what it asks for itself.
	again := testenv.Registry(t) + "/preload:latest"
	buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=preload=env\nFROM debian:bookworm-slim\n",
		Secrets:    tenant.Secrets(env), Output: "type=image,push=true,name=" + again,
	})
	child := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM " + again + "\n", Secrets: tenant.Secrets(env)})
	for _, e := range child.Image(t).Config.Config.Env {
		require.NotContains(t, e, "LD_PRELOAD")
	}
}

// The installer is the same, so that both modes share its download.
func TestPreload_FIPSMode(t *testing.T) {
	env := tenant.New(t)
	const flag = "opt/dynatrace/oneagent/agent/dt_fips_disabled.flag"
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
	require.FileExists(t, filepath.Join(r.Unpack(t), flag), "control")
	r = buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options("fips=on")})
	require.NoFileExists(t, filepath.Join(r.Unpack(t), flag))
	require.Equal(t, 1, tenant.Downloads(env))
}
