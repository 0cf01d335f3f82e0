package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// agentLayer returns an image's agent layer, as it is pushed.
func agentLayer(t *testing.T, img *oci.Image) ocispecs.Descriptor {
	t.Helper()
	for i, id := range img.DiffIDs() {
		if id.String() == img.Config.Config.Labels[agentLayerLabel] {
			return img.Manifest.Layers[i]
		}
	}
	require.Fail(t, "the label names no layer")
	return ocispecs.Descriptor{}
}

// What lock pins is the same layer on builders that have nothing in common: not
// the storage, nor the day, nor the API token, nor the app.
func TestAPinnedAgentIsTheSameDaysLater(t *testing.T) {
	env := newEnvironment(t)
	out, said, code := dtInstall(t, apiDetails(env), "lock", "--include=java")
	require.Zero(t, code, said)
	byChecksum, byLayer, _ := strings.Cut(strings.TrimSpace(out), "\n")

	secrets := withSecrets(env)
	layerAt := func(builder daemon.Options, day time.Time, pin, app string) ocispecs.Descriptor {
		r := build(t, request{
			dockerfile: "# syntax=SYNTAX\n" + pin + "\n" + app,
			secrets:    secrets,
			env:        newBuilder(t, builder).Env(),
			args:       []string{fmt.Sprint("--build-arg=SOURCE_DATE_EPOCH=", day.Unix())},
		})
		require.Equal(t, day.Unix(), r.image(t).Config.Created.Unix(), "control: the day counts")
		return agentLayer(t, r.image(t))
	}
	today := time.Now().Truncate(time.Second)
	first := layerAt(daemon.Options{}, today, byChecksum, "FROM debian:bookworm-slim\n")

	secrets["DT_API_TOKEN"] = env.AddToken(cluster.ScopeInstallerDownload)
	env.RevokeToken(env.APIToken())
	later := layerAt(daemon.Options{Snapshotter: "native"}, today.AddDate(0, 0, 9), byLayer, "FROM debian:bookworm-slim\nRUN echo hello >/greeting\n")
	require.Equal(t, first, later)
	require.Equal(t, 3, installers(env), "by lock, and by each builder")
}
