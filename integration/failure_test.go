package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// maxFailure is how long a build may take to say that it cannot work.
const maxFailure = 10 * time.Second

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

func TestUnsupportedPlatform(t *testing.T) {
	env := newEnvironment(t)
	r := buildFails(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n",
		secrets:    withSecrets(env),
		args:       []string{"--platform=linux/riscv64"},
	})
	require.Contains(t, lastError(t, r), "there is no OneAgent for linux/riscv64; build for one of linux/amd64, linux/arm64, linux/ppc64le, linux/s390x")
}

// An installer that looks for secrets and for the network finds neither. What
// it finds goes into a file of the agent: a secret there fails the build.
func TestTheInstallerIsConfined(t *testing.T) {
	env := newEnvironment(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultSnoop})
	r := build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
	require.Zero(t, env.Count(cluster.EndpointSnoop), "it did not reach the network")
	found, err := os.ReadFile(filepath.Join(r.unpack(t), "opt/dynatrace/oneagent/agent/found.log"))
	require.NoError(t, err)
	require.Contains(t, string(found), "no wget to the cluster", "control: it tried")
	require.Contains(t, string(found), "can't open '/run/secrets/dynatrace/DT_API_TOKEN': Permission denied", "control: and here")
	require.NotContains(t, string(found), `"sealed": "`)
	searchImage(t, r).requireNone(t, env.Secrets())
	requireNoSecrets(t, r.output, env)
}

// agentDiffID is the agent layer's: behind it come the start helper's and that
// of its settings.
func agentDiffID(t testing.TB, r result) string {
	t.Helper()
	ids := r.image(t).DiffIDs()
	return ids[len(ids)-3].String()
}

// A link in a place that nobody knows of fails the build, and is named.
func TestALinkInAnOddPlaceFailsTheBuild(t *testing.T) {
	for _, place := range cluster.Places {
		if place == cluster.PlaceDocumented || place == cluster.PlaceLog {
			continue // removed, and tested below
		}
		t.Run(string(place), func(t *testing.T) {
			env := newEnvironment(t, cluster.WithOddPlaces(place))
			r := buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
			require.Contains(t, lastError(t, r), "the agent still holds what ties it to the environment")
			if place != cluster.PlaceFileName { // its name is the secret
				for _, in := range env.Installers() {
					for _, link := range in.Links {
						require.Contains(t, lastError(t, r), link.Path)
					}
				}
			}
			requireNoSecrets(t, r.output, env)
		})
	}
}

// A cluster that sends its links all the same, in the places that are known.
func TestKnownLinksAreRemoved(t *testing.T) {
	for _, version := range cluster.DefaultVersions {
		t.Run(version, func(t *testing.T) {
			env := newEnvironment(t, cluster.WithIgnoredSkipMetadata(), cluster.WithOddPlaces(cluster.PlaceLog), cluster.WithTarget(version))
			r := build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
			require.NotEmpty(t, env.Installers()[0].Links, "there was something to remove")
			searchImage(t, r).requireNone(t, env.Secrets())
			requireNoSecrets(t, r.output, env)
		})
	}
}
