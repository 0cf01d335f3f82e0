package deploy

import (
	"net/http"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestLatestVersion(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		answer(`{"latestAgentVersion":"1.305.152.20241113-104505"}`)(w, r)
	})
	v, err := c.client(t, Options{}).LatestVersion(t.Context(), agent.FlavorMusl, agent.ArchARM)
	require.NoError(t, err)
	require.Equal(t, "1.305.152.20241113-104505", v)
	require.True(t, strings.HasSuffix(seen.URL.Path, "/agent/unix/paas-sh/latest/metainfo"))
	require.Equal(t, "arch=arm&bitness=64&flavor=musl", seen.URL.RawQuery)
}

func TestLatestVersionRefusesOthers(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"", "latest", "1.305.152", "1.305.152.20241113-104505/../x", "1.305.152.20241113-10450", "1..152.20241113-104505", "1.305.152.20241113-104505\n", "٣.305.152.20241113-104505", strings.Repeat("1", 64) + ".1.1.20241113-104505"} {
		require.False(t, agent.ValidVersion(v), v)
	}
	c := newCluster(t, answer(`{"latestAgentVersion":"../../x"}`))
	_, err := c.client(t, Options{}).LatestVersion(t.Context(), agent.FlavorDefault, agent.ArchX86)
	require.ErrorContains(t, err, "without a version as 1.305.152.20241113-104505")
	require.NotContains(t, err.Error(), "../")
}

// TestVersions_PassesErrorsOn.
func TestVersions_PassesErrorsOn(t *testing.T) {
	t.Parallel()
	c := newCluster(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	cl := c.client(t, Options{})
	list, err := cl.Versions(t.Context(), agent.FlavorDefault, agent.ArchX86)
	require.ErrorContains(t, err, "(404)")
	require.Empty(t, list)
	latest, err := cl.LatestVersion(t.Context(), agent.FlavorDefault, agent.ArchX86)
	require.ErrorContains(t, err, "(404)")
	require.Empty(t, latest)
	_, err = cl.ProcessModuleConfig(t.Context(), "")
	require.ErrorContains(t, err, "(404)")
}
