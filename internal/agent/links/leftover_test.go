package links

import (
	"testing"

	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/stretchr/testify/require"
)

// TestFiles_AreCustomised: what a cluster fills in cannot be compared with the
// manifest.
func TestFiles_AreCustomised(t *testing.T) {
	t.Parallel()
	for _, f := range Files {
		require.True(t, manifest.IsCustomised(f.Path), f.Path)
	}
}

func TestIsRunLeftover(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"tmp/ruxit/x":         true,
		"image/tmp/ruxit/a/b": true,
		"tmp/ruxit.conf":      false,
		"app/tmp/ruxits/x":    false,
		"opt/dynatrace/oneagent/agent/conf/declarative.cbor":            true,
		"opt/dynatrace/oneagent/agent/conf/ruxitagentproc.conf":         false,
		"var/lib/dynatrace/oneagent/agent/config/container.conf":        true,
		"var/lib/dynatrace/oneagent/agent/config/ruxitagentproc.conf":   true,
		"var/lib/dynatrace/oneagent/agent/config/agent.state":           true,
		"var/lib/dynatrace/oneagent/agent/customkeys/custom.pem":        false,
		"opt/dynatrace/oneagent/log/nodejs/x":                           true,
		"opt/dynatrace/oneagent/log/ignore_me.txt":                      false,
		"opt/dynatrace/oneagent/log/x/ignore_me.txt":                    true,
		"opt/dynatrace/oneagent/datastorage/ignore_me.txt":              false,
		"opt/dynatrace/oneagent/datastorage/x":                          true,
		"opt/dynatrace/oneagent/agent/log/x":                            false,
		"home/x/dynatrace/oneagent/agent/config/declarative.cbor":       true,
		"opt/dynatrace/oneagent/agent/authorizedkeys/autoupdate/ca.pem": false,
	} {
		require.Equal(t, want, IsRunLeftover(name), name)
		require.True(t, !want || IsLeftover(name), name)
	}
	for _, dir := range []string{"opt", "var/lib"} {
		for _, name := range []string{"custom.pem", "custom_proxy.pem", "custom-proxy.pem", "curl_options.conf"} {
			require.True(t, IsLeftover(dir+"/dynatrace/oneagent/agent/customkeys/"+name))
		}
	}
	for _, name := range HostLeftovers {
		require.True(t, IsRunLeftover(name[1:]) || IsRunLeftover(name[1:]+"/x"), name)
	}
	require.Contains(t, HostLeftovers, "/tmp/ruxit")
	require.Contains(t, HostLeftovers, "/var/lib/dynatrace/oneagent/agent/config/container.conf")
	require.NotContains(t, HostLeftovers, "/var/lib/dynatrace/oneagent/agent/customkeys/custom.pem")
}
