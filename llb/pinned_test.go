package llb

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// A build that pins the installer has the cluster asked for no list of versions,
// and its download has the digest.
func TestSteps_ArgumentsOfAPinnedInstaller(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("0", 64)
	spec := agent.Spec{
		Arch: "arm", Flavor: "default", Version: "1.2.3.20250101-000000", Pinned: true, Checksum: digest, Archive: true,
	}
	g := marshal(t, image(steps(), spec, Attachment{Merge: true}))
	resolve, _ := g.exec(t, "resolve")
	require.Equal(t, []string{"/bin/dt-install", "resolve", "--out", "/out", "--agent", "arm/default/1.2.3.20250101-000000/pinned"},
		resolve.GetExec().Meta.Args)
	download, _ := g.exec(t, "download")
	require.Equal(t, []string{"/bin/dt-install", "download", "--arch", "arm", "--flavor", "default", "--include", "all",
		"--resolved", "/run/agent/agent.json", "--out", "/out", "--archive", "--checksum", digest}, download.GetExec().Meta.Args)
}
