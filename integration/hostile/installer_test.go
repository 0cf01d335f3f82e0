package hostile

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// What no agent has is refused, with a line that says what. Links to files that
// are not its own the installer cannot even make: tar fails.
func TestHostileInstaller_IsRefused(t *testing.T) {
	for kind, want := range map[cluster.FaultKind]string{
		cluster.FaultSymlink:    "symlink agent/link leads out of the agent's folder",
		cluster.FaultSymlinks:   "symlink agent/link leads out of the agent's folder",
		cluster.FaultHardLink:   "the installer failed (exit status",
		cluster.FaultPipe:       "agent/special of the agent is a pipe; only files, folders and symlinks are allowed",
		cluster.FaultSetuid:     "agent/special of the agent is a setuid file; no agent needs one",
		cluster.FaultPackedBomb: "agent/bomb!content of the agent cannot be searched for what ties it to the environment: it holds too much",
		cluster.FaultMany:       "the installer left more than 100000 files; no agent has as many",
	} {
		t.Run(string(kind), func(t *testing.T) {
			env := tenant.New(t)
			env.SetFault(cluster.Fault{Kind: kind})
			r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
			require.Contains(t, buildx.LastError(t, r), "dynatrace: ")
			require.Contains(t, buildx.LastError(t, r), want)
			search.RequireNoSecrets(t, r.Output, env)
		})
	}
}

// What an archive wants to put elsewhere is nowhere, whatever tar makes of it,
// and nobody makes devices.
func TestHostileInstaller_StaysInItsDirectory(t *testing.T) {
	for _, kind := range []cluster.FaultKind{cluster.FaultTraversal, cluster.FaultDouble, cluster.FaultDevice} {
		t.Run(string(kind), func(t *testing.T) {
			env := tenant.New(t)
			env.SetFault(cluster.Fault{Kind: kind})
			r, err := buildx.Try(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
			if err != nil {
				require.Contains(t, buildx.LastError(t, r), "the installer failed (exit status")
				return
			}
			root := r.Unpack(t)
			require.NoError(t, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
				require.Zero(t, d.Type()&fs.ModeDevice, name)
				rel := strings.TrimPrefix(name, filepath.Join(root, "opt/dynatrace/oneagent"))
				require.False(t, rel == name && strings.HasSuffix(name, cluster.Outside), name)
				return err
			}))
		})
	}
}
