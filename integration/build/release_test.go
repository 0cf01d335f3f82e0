package build

import (
	"slices"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/version"
	"github.com/stretchr/testify/require"
)

// frontendRelease returns the release that the frontend image says it is.
func frontendRelease(t *testing.T) string {
	t.Helper()
	img := buildx.Build(t, buildx.Request{Dockerfile: "FROM " + testenv.Frontend(t) + "\n"}).Image(t)
	release := img.Config.Config.Labels["org.opencontainers.image.version"]
	require.NotEmpty(t, release)
	require.Contains(t, img.Config.Config.Env, version.Variable+"="+release, "for people who run dt-install from it")
	return release
}

// The cluster is told which release asks. The steps that are cached say the name
// alone: a new release must not download again.
func TestRelease_ReachesTheCluster(t *testing.T) {
	want := "dt-frontend/" + frontendRelease(t)
	if want == "dt-frontend/"+version.Unknown { // outside of a clone
		want = "dt-frontend"
	}
	env := tenant.New(t)
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
	asked := map[cluster.Endpoint][]string{}
	for _, r := range env.Requests() {
		asked[r.Endpoint] = append(asked[r.Endpoint], r.UserAgent)
	}
	// Once for each flavor that the app may need.
	require.Equal(t, []string{want}, slices.Compact(asked[cluster.EndpointMetainfo]))
	require.Contains(t, asked[cluster.EndpointConnectionInfo], want)
	require.Equal(t, []string{"dt-frontend"}, asked[cluster.EndpointInstaller])
}
