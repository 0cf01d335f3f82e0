package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// requireNoAgent checks that a build went on without the agent, and said so
// once.
func requireNoAgent(t *testing.T, r result, why string) {
	t.Helper()
	cfg := r.image(t).Config.Config
	require.Equal(t, "off", cfg.Labels["com.dynatrace.oneagent.mode"])
	require.Empty(t, cfg.Entrypoint)
	require.Equal(t, []string{"true"}, cfg.Cmd)
	require.NotContains(t, strings.Join(searchImage(t, r).files(), " "), "dt-start")
	require.Equal(t, 1, r.warned("is built without OneAgent ("+why), r.output)
}

// A fork's build has no secrets. That is another thing than an outage.
func TestMissingSecretsCanBeSkipped(t *testing.T) {
	r := build(t, request{dockerfile: smallApp, args: withOptions("on-missing-secret=skip")})
	requireNoAgent(t, r, "on-missing-secret=skip): missing secrets DT_API_TOKEN, DT_TENANT, DT_API_URL")
	r = buildFails(t, request{dockerfile: smallApp, args: withOptions("on-error=skip")})
	require.Contains(t, lastError(t, r), "missing secrets")

	env := newEnvironment(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultUnauthorized})
	buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: withOptions("on-missing-secret=skip")})
}

// Errors of the app, and digests that do not fit, are never skipped.
func TestWhatIsNotSkipped(t *testing.T) {
	env := newEnvironment(t)
	skip := "on-error=skip;on-missing-secret=skip;on-unsupported=skip"
	r := buildFails(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN exit 23\n", secrets: withSecrets(env), args: withOptions(skip),
	})
	require.Contains(t, lastError(t, r), "exit code: 23")
	env.SetFault(cluster.Fault{Kind: cluster.FaultUnauthorized})
	r = buildFails(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN exit 23\n", secrets: withSecrets(env), args: withOptions(skip),
	})
	require.Contains(t, lastError(t, r), "exit code: 23", "nor is it hidden behind one of the agent's")
	env.ClearFaults()
	for _, pin := range []string{"layer=" + noDigest, "version=" + cluster.DefaultVersions[0] + ";checksum=" + noDigest} {
		r = buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: withOptions(skip + ";" + pin)})
		require.Contains(t, lastError(t, r), noDigest)
	}
}

// The end of a build is no error of the agent's: there is no image then.
func TestACancelledBuildIsNotSkipped(t *testing.T) {
	env := newEnvironment(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultStall, On: []cluster.Endpoint{cluster.EndpointInstaller}})
	r := buildFails(t, request{
		dockerfile: smallApp, secrets: withSecrets(env), args: withOptions("on-error=skip"),
		during: func(b *running) {
			require.Eventually(t, func() bool { return env.Stalled() > 0 }, time.Minute, 20*time.Millisecond)
			b.Interrupt()
		},
	})
	require.Contains(t, lastError(t, r), "context canceled")
	require.NotContains(t, r.output, "is built without OneAgent")
}
