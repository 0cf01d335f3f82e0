package integration

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who replaces the entrypoint has the agent loaded all the same, and who keeps
// it has it once.
func TestPreloadByTheEnvironment(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\n# dynatrace=preload=env\nFROM debian:bookworm-slim\nENTRYPOINT [\"/bin/sleep\", \"0\"]\n",
		secrets:    withSecrets(env),
	})
	const lib = "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so"
	require.Contains(t, r.image(t).Config.Config.Env, "LD_PRELOAD="+lib)
	require.Contains(t, r.output, "preload=env: every program that a container runs loads the agent")

	replaced := run(t, r, func(s *runcSpec) {
		s.Env, s.Entrypoint = agentDetails(env), []string{"/bin/sleep", "0"}
	})
	code, err := replaced.Wait()
	require.NoError(t, err)
	require.Zero(t, code)
	require.Len(t, env.CheckIns(), 1)

	kept := run(t, r, func(s *runcSpec) { s.Env = append(agentDetails(env), "DT_START_LOG=debug") })
	_, err = kept.Wait()
	require.NoError(t, err)
	require.Contains(t, kept.Stderr(), "set LD_PRELOAD="+lib+"\n", "once")
	require.Len(t, env.CheckIns(), 2)

	// An image made of it has what it asks for itself.
	again := registry(t) + "/preload:latest"
	build(t, request{
		dockerfile: "# syntax=SYNTAX\n# dynatrace=preload=env\nFROM debian:bookworm-slim\n",
		secrets:    withSecrets(env), output: "type=image,push=true,name=" + again,
	})
	child := build(t, request{dockerfile: "# syntax=SYNTAX\nFROM " + again + "\n", secrets: withSecrets(env)})
	for _, e := range child.image(t).Config.Config.Env {
		require.NotContains(t, e, "LD_PRELOAD")
	}
}

// The installer is the same, so that both modes share its download.
func TestFIPSMode(t *testing.T) {
	env := newEnvironment(t)
	const flag = "opt/dynatrace/oneagent/agent/dt_fips_disabled.flag"
	r := build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
	require.FileExists(t, filepath.Join(r.unpack(t), flag), "control")
	r = build(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: withOptions("fips=on")})
	require.NoFileExists(t, filepath.Join(r.unpack(t), flag))
	require.Equal(t, 1, installers(env))
}
