package build

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

// What else may be wrong is in integration/faults.
func TestFailure_MissingSecretsAreNamed(t *testing.T) {
	env := tenant.New(t)
	noToken := tenant.Secrets(env)
	delete(noToken, "DT_API_TOKEN")
	for want, secrets := range map[string]map[string]string{
		"missing secrets DT_API_TOKEN, DT_TENANT, DT_API_URL: pass --secret id=DT_API_TOKEN --secret id=DT_TENANT --secret id=DT_API_URL": nil,
		"missing secret DT_API_TOKEN: pass --secret id=DT_API_TOKEN":                                                                      noToken,
	} {
		r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
		require.Contains(t, buildx.LastError(t, r), "dynatrace: "+want)
		require.Contains(t, r.Output, ">>> # syntax=", "the line that asks for the agent is marked")
		search.RequireNoSecrets(t, r.Output, env)
	}
}

// Two secrets that do not fit are no reason to fail: the cluster's answer counts.
func TestBuild_WarnsOfATenantThatDoesNotFitTheAddress(t *testing.T) {
	env := tenant.New(t)
	secrets := tenant.Secrets(env)
	secrets["DT_TENANT"] = "zzz99999"
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
	require.Equal(t, 1, r.Warned("DT_API_URL leads to another environment than the one that DT_TENANT names"), r.Output)
	require.Equal(t, env.Marker(), inspect.Marker(t, r))
	search.RequireNoSecrets(t, r.Output, env)
}

// The app's own mistakes are reported as ever.
func TestFailure_OfTheAppPointsAtItsLine(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Fails(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN exit 23\n",
		Secrets:    tenant.Secrets(env),
	})
	require.Contains(t, r.Output, ">>> RUN exit 23")
	require.Contains(t, buildx.LastError(t, r), "exit code: 23")

	r = buildx.Fails(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nFLY away\n", Secrets: tenant.Secrets(env)})
	require.Contains(t, buildx.LastError(t, r), "unknown instruction: FLY")
	require.Contains(t, r.Output, ">>> FLY away")
}
