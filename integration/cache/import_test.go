package cache

import (
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

// A cache that a fresh builder imports spares it the download, the installation
// and the app's own steps, although the app is looked into before the agent is
// chosen.
func TestImportedCache_HasAllForAFreshBuilder(t *testing.T) {
	env := tenant.New(t)
	dir := filepath.Join(t.TempDir(), "cache")
	app := buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=include=auto\nFROM debian:bookworm-slim\nRUN mkdir -p /usr/lib/jvm/java-17/bin && install -m 0755 /dev/null /usr/lib/jvm/java-17/bin/java && echo $((6*7)) is " + env.ID() + "\n",
		Secrets:    tenant.Secrets(env),
	}
	first, second := app, app
	first.Args = []string{"--cache-to=type=local,mode=max,dest=" + dir}
	second.Args = []string{"--cache-from=type=local,src=" + dir}
	second.Env = daemon.New(t, daemon.Options{}).Env()
	one, two := buildx.Build(t, first), buildx.Build(t, second)
	// What steps print where they are run.
	for _, said := range []string{"downloaded 100%", "no cluster links found", "42 is"} {
		require.Contains(t, one.Output, said, "control")
		require.NotContains(t, two.Output, said)
	}
	require.Equal(t, 1, tenant.Downloads(env))
	require.Equal(t, one.Image(t).DiffIDs(), two.Image(t).DiffIDs())
	require.Equal(t, "java", two.Image(t).Config.Config.Labels["com.dynatrace.oneagent.technologies"])
}
