package agent

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The vendor's agents know these paths, and so does whoever has volumes, scripts
// or policies for them.
func TestPaths_AreTheVendors(t *testing.T) {
	t.Parallel()
	require.Equal(t, "/opt/dynatrace", Root)
	require.Equal(t, "/opt/dynatrace/oneagent", Dir)
	require.Equal(t, "dynatrace/oneagent", Suffix)
	require.Equal(t, "/var/lib/dynatrace/oneagent", VarDir)
	require.Equal(t, "agent/lib64/liboneagentproc.so", PreloadLibrary)
	require.Equal(t, "/var/lib/dynatrace/oneagent/agent/customkeys/custom.pem", CustomCAPath)
	require.Equal(t, CustomCAPath, CustomCAIn(""))
	require.Equal(t, "/x/dynatrace/oneagent/agent/customkeys/custom.pem", CustomCAIn("/x/"))
}
