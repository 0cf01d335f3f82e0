package provision

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// TestHostileArchivesAreRefused, before anything of them is in place.
func TestHostileArchivesAreRefused(t *testing.T) {
	t.Parallel()
	for kind, want := range map[cluster.FaultKind]string{
		cluster.FaultTraversal: `the archive holds the name "../../../unpacked-outside", which leads elsewhere`,
		cluster.FaultHardLink:  "symlink agent/link leads out of the agent's folder",
		cluster.FaultSymlink:   "symlink agent/link leads out of the agent's folder",
		cluster.FaultSymlinks:  "symlink agent/link leads out of the agent's folder",
		cluster.FaultDevice:    `"agent/special" in the archive is no file, folder or symlink`,
		cluster.FaultPipe:      `"agent/special" in the archive is no file, folder or symlink`,
		cluster.FaultSetuid:    `"agent/special" in the archive has rights of its own`,
		cluster.FaultDouble:    `the archive holds "agent/special", or what it is in, twice`,
		cluster.FaultZeros:     "no agent's does",
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c := newContainer(t, "")
			c.SetFault(cluster.Fault{Kind: kind})
			_, err := c.install(t)
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), "\n")
			require.Equal(t, []string{lockFile}, names(t, c.p.Root), "nothing is left")
			require.NoError(t, filepath.WalkDir(filepath.Dir(filepath.Dir(c.p.Root)), func(name string, _ fs.DirEntry, err error) error {
				require.False(t, strings.HasSuffix(name, cluster.Outside), name)
				return err
			}))
			require.NoFileExists(t, "/tmp/"+cluster.Outside)
		})
	}
}

// TestTheAgentIsOurs, even if a script that runs as root has given it away.
func TestTheAgentIsOurs(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell string) {
		a, err := newContainer(t, shell).install(t)
		require.NoError(t, err)
		require.NoError(t, filepath.WalkDir(a.Dir, func(name string, d fs.DirEntry, err error) error {
			require.NoError(t, err)
			st, err := d.Info()
			require.NoError(t, err)
			require.True(t, isOurs(st), name)
			return nil
		}))
	})
}
