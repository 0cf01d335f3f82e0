package cache

import (
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/figure"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestBuilder_DiskIsFull because the installer has filled it. That is said,
// what it wrote is removed, and there is room for the next build.
func TestBuilder_DiskIsFull(t *testing.T) {
	d := daemon.New(t, daemon.Options{})
	d.Stop()
	require.NoError(t, unix.Mount("tmpfs", d.Root(), "tmpfs", 0, "size=600m"))
	d.Start()

	env := tenant.New(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultFillsDisk})
	r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Env: d.Env()})
	last := buildx.LastError(t, r)
	figure.Print("the builder's disk is full: %.1f s: %s", r.Took.Seconds(), last)
	require.Contains(t, last, "dynatrace: no space is left where the builder keeps its data: free some, as `docker builder prune` does, and build again: ")
	require.Contains(t, last, "the installer failed (exit status 1); its last line: \"head: ", "which need not say why")
	require.NoError(t, filepath.WalkDir(d.Root(), func(name string, f fs.DirEntry, err error) error {
		require.False(t, f != nil && strings.HasPrefix(f.Name(), "fill."), name)
		return nil //nolint:nilerr // the daemon removes things, too
	}))
	var st syscall.Statfs_t
	require.NoError(t, syscall.Statfs(d.Root(), &st))
	require.Greater(t, st.Bavail*uint64(st.Bsize), uint64(100<<20))

	env.ClearFaults()
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Env: d.Env()})
}
