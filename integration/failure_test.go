package integration

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// lastError returns the client's own last words.
func lastError(t testing.TB, r result) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(r.output), "\n")
	last := lines[len(lines)-1]
	require.True(t, strings.HasPrefix(last, "ERROR: "), "%s", r.output)
	return last
}

// requireNoSecrets fails if anything of the environment is in text.
func requireNoSecrets(t testing.TB, text string, env *cluster.Environment) {
	t.Helper()
	haystack{"output": []byte(text)}.requireNone(t, env.Secrets())
}

// What else may be wrong see in [buildFaults].
func TestMissingSecretsAreNamed(t *testing.T) {
	env := newEnvironment(t)
	noToken := withSecrets(env)
	delete(noToken, "DT_API_TOKEN")
	for want, secrets := range map[string]map[string]string{
		"missing secrets DT_API_TOKEN, DT_TENANT, DT_API_URL: pass --secret id=DT_API_TOKEN --secret id=DT_TENANT --secret id=DT_API_URL": nil,
		"missing secret DT_API_TOKEN: pass --secret id=DT_API_TOKEN":                                                                      noToken,
	} {
		r := buildFails(t, request{dockerfile: smallApp, secrets: secrets})
		require.Contains(t, lastError(t, r), "dynatrace: "+want)
		require.Contains(t, r.output, ">>> # syntax=", "the line that asks for the agent is marked")
		requireNoSecrets(t, r.output, env)
	}
}

// Two secrets that do not fit are no reason to fail: the cluster's answer counts.
func TestATenantThatDoesNotFitTheAddress(t *testing.T) {
	env := newEnvironment(t)
	secrets := withSecrets(env)
	secrets["DT_TENANT"] = "zzz99999"
	r := build(t, request{dockerfile: smallApp, secrets: secrets})
	require.Equal(t, 1, r.warned("DT_API_URL leads to another environment than the one that DT_TENANT names"), r.output)
	require.Equal(t, env.Marker(), marker(t, r))
	requireNoSecrets(t, r.output, env)
}

// The app's own mistakes are reported as ever.
func TestTheAppsErrorsPointAtItsLines(t *testing.T) {
	env := newEnvironment(t)
	r := buildFails(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN exit 23\n",
		secrets:    withSecrets(env),
	})
	require.Contains(t, r.output, ">>> RUN exit 23")
	require.Contains(t, lastError(t, r), "exit code: 23")

	r = buildFails(t, request{dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nFLY away\n", secrets: withSecrets(env)})
	require.Contains(t, lastError(t, r), "unknown instruction: FLY")
	require.Contains(t, r.output, ">>> FLY away")
}

// agentDiffID is the agent layer's: behind it come the start helper's and that
// of its settings.
func agentDiffID(t testing.TB, r result) string {
	t.Helper()
	ids := r.image(t).DiffIDs()
	return ids[len(ids)-3].String()
}
