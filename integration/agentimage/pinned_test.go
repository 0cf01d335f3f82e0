package agentimage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// What lock pins is the same layer on builders that have nothing in common: not
// the storage, nor the day, nor the API token, nor the app.
func TestPin_IsTheSameDaysLater(t *testing.T) {
	env := tenant.New(t)
	out, said, code := dtInstall(t, tenant.APIDetails(env), "lock", "--include=java")
	require.Zero(t, code, said)
	byChecksum, byLayer, _ := strings.Cut(strings.TrimSpace(out), "\n")

	secrets := tenant.Secrets(env)
	layerAt := func(builder daemon.Options, day time.Time, pin, app string) ocispecs.Descriptor {
		r := buildx.Build(t, buildx.Request{
			Dockerfile: "# syntax=SYNTAX\n" + pin + "\n" + app,
			Secrets:    secrets,
			Env:        daemon.New(t, builder).Env(),
			Args:       []string{fmt.Sprint("--build-arg=SOURCE_DATE_EPOCH=", day.Unix())},
		})
		require.Equal(t, day.Unix(), r.Image(t).Config.Created.Unix(), "control: the day counts")
		return inspect.AgentLayer(t, r.Image(t))
	}
	today := time.Now().Truncate(time.Second)
	first := layerAt(daemon.Options{}, today, byChecksum, "FROM debian:bookworm-slim\n")

	secrets["DT_API_TOKEN"] = env.AddToken(cluster.ScopeInstallerDownload)
	env.RevokeToken(env.APIToken())
	later := layerAt(daemon.Options{Snapshotter: "native"}, today.AddDate(0, 0, 9), byLayer, "FROM debian:bookworm-slim\nRUN echo hello >/greeting\n")
	require.Equal(t, first, later)
	require.Equal(t, 3, tenant.Downloads(env), "by lock, and by each builder")
}
