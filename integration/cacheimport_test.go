package integration

import (
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/stretchr/testify/require"
)

// A cache that a fresh builder imports spares it the download, the installation
// and the app's own steps, although the app is looked into before the agent is
// chosen.
func TestAFreshBuilderTakesAllFromAnImportedCache(t *testing.T) {
	env := newEnvironment(t)
	dir := filepath.Join(t.TempDir(), "cache")
	app := request{
		dockerfile: "# syntax=SYNTAX\n# dynatrace=include=auto\nFROM debian:bookworm-slim\nRUN mkdir -p /usr/lib/jvm/java-17/bin && install -m 0755 /dev/null /usr/lib/jvm/java-17/bin/java && echo $((6*7)) is " + env.ID() + "\n",
		secrets:    withSecrets(env),
	}
	first, second := app, app
	first.args = []string{"--cache-to=type=local,mode=max,dest=" + dir}
	second.args = []string{"--cache-from=type=local,src=" + dir}
	second.env = newBuilder(t, daemon.Options{}).Env()
	one, two := build(t, first), build(t, second)
	// What steps print where they are run.
	for _, said := range []string{"downloaded 100%", "no cluster links found", "42 is"} {
		require.Contains(t, one.output, said, "control")
		require.NotContains(t, two.output, said)
	}
	require.Equal(t, 1, installers(env))
	require.Equal(t, one.image(t).DiffIDs(), two.image(t).DiffIDs())
	require.Equal(t, "java", two.image(t).Config.Config.Labels["com.dynatrace.oneagent.technologies"])
}
