package agentimage

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

func TestInstrumentedBase_GetsANewAgent(t *testing.T) {
	old := tenant.New(t, cluster.WithTarget(cluster.DefaultVersions[0]))
	ref := testenv.Registry(t) + "/base:" + old.ID()
	buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENTRYPOINT [\"/bin/echo\", \"app\"]\n",
		Secrets:    tenant.Secrets(old),
		Output:     "type=image,name=" + ref + ",push=true",
	})
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM " + ref + "\nCMD [\"child\"]\n",
		Secrets:    tenant.Secrets(env),
	})
	img := r.Image(t)
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--", "/bin/echo", "app"}, img.Config.Config.Entrypoint, "wrapped once")
	require.Equal(t, cluster.DefaultTarget, img.Config.Config.Labels["com.dynatrace.oneagent.version"])
	root := filepath.Join(r.Unpack(t), "opt/dynatrace/oneagent")
	versions, err := os.ReadDir(filepath.Join(root, "agent/bin"))
	require.NoError(t, err)
	var names []string
	for _, v := range versions {
		names = append(names, v.Name())
	}
	require.Equal(t, []string{cluster.DefaultTarget, "any", "current", "linux-x86-64"}, names, "nothing of the old agent")
	require.Equal(t, env.Marker(), inspect.Marker(t, r))

	c := container.Run(t, r, nil)
	_, err = c.Wait()
	require.NoError(t, err)
	require.Equal(t, "app child\n", c.Stdout())
}
