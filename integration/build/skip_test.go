package build

import (
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// A fork's build has no secrets. That is another thing than an outage.
func TestSkip_MissingSecrets(t *testing.T) {
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Args: buildx.Options("on-missing-secret=skip")})
	inspect.RequireNoAgent(t, r, "on-missing-secret=skip): missing secrets DT_API_TOKEN, DT_TENANT, DT_API_URL")
	r = buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Args: buildx.Options("on-error=skip")})
	require.Contains(t, buildx.LastError(t, r), "missing secrets")

	env := tenant.New(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultUnauthorized})
	buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options("on-missing-secret=skip")})
}

// Errors of the app, and digests that do not fit, are never skipped.
func TestSkip_NotErrorsOfTheApp(t *testing.T) {
	env := tenant.New(t)
	skip := "on-error=skip;on-missing-secret=skip;on-unsupported=skip"
	r := buildx.Fails(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN exit 23\n", Secrets: tenant.Secrets(env), Args: buildx.Options(skip),
	})
	require.Contains(t, buildx.LastError(t, r), "exit code: 23")
	env.SetFault(cluster.Fault{Kind: cluster.FaultUnauthorized})
	r = buildx.Fails(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN exit 23\n", Secrets: tenant.Secrets(env), Args: buildx.Options(skip),
	})
	require.Contains(t, buildx.LastError(t, r), "exit code: 23", "nor is it hidden behind one of the agent's")
	env.ClearFaults()
	for _, pin := range []string{"layer=" + inspect.NoDigest, "version=" + cluster.DefaultVersions[0] + ";checksum=" + inspect.NoDigest} {
		r = buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options(skip + ";" + pin)})
		require.Contains(t, buildx.LastError(t, r), inspect.NoDigest)
	}
}

// The end of a build is no error of the agent's: there is no image then.
func TestSkip_NotACancelledBuild(t *testing.T) {
	env := tenant.New(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultStall, On: []cluster.Endpoint{cluster.EndpointInstaller}})
	r := buildx.Fails(t, buildx.Request{
		Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options("on-error=skip"),
		During: func(b *buildx.Running) {
			require.Eventually(t, func() bool { return env.Stalled() > 0 }, time.Minute, 20*time.Millisecond)
			b.Interrupt()
		},
	})
	require.Contains(t, buildx.LastError(t, r), "context canceled")
	require.NotContains(t, r.Output, "is built without OneAgent")
}
