package integration

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

func TestAnInstrumentedBaseGetsANewAgent(t *testing.T) {
	old := newEnvironment(t, cluster.WithTarget(cluster.DefaultVersions[0]))
	ref := registry(t) + "/base:" + old.ID()
	build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENTRYPOINT [\"/bin/echo\", \"app\"]\n",
		secrets:    withSecrets(old),
		output:     "type=image,name=" + ref + ",push=true",
	})
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM " + ref + "\nCMD [\"child\"]\n",
		secrets:    withSecrets(env),
	})
	img := r.image(t)
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--", "/bin/echo", "app"}, img.Config.Config.Entrypoint, "wrapped once")
	require.Equal(t, cluster.DefaultTarget, img.Config.Config.Labels["com.dynatrace.oneagent.version"])
	root := filepath.Join(r.unpack(t), "opt/dynatrace/oneagent")
	versions, err := os.ReadDir(filepath.Join(root, "agent/bin"))
	require.NoError(t, err)
	var names []string
	for _, v := range versions {
		names = append(names, v.Name())
	}
	require.Equal(t, []string{cluster.DefaultTarget, "any", "current", "linux-x86-64"}, names, "nothing of the old agent")
	require.Equal(t, env.Marker(), marker(t, r))

	c := run(t, r, nil)
	_, err = c.Wait()
	require.NoError(t, err)
	require.Equal(t, "app child\n", c.Stdout())
}
