package tree

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/containerd/containerd/v2/pkg/archive"
	digest "github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

// The label in the image's config names the layer that BuildKit will write.
func TestDiffIDIsThatOfContainerd(t *testing.T) {
	s := newSample(t)
	require.NoError(t, os.Link(filepath.Join(s.dir, "agent/bin/x/tool"), filepath.Join(s.dir, "agent/bin/x/a-second-name")))
	s.write(t, "agent/"+strings.Repeat("long/", 60)+"name", "x", 0o644)
	s.write(t, "agent/ümlaut", "x", 0o644)
	in, err := s.clean(t)
	require.NoError(t, err)

	layer := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(layer, "opt/dynatrace"), 0o755))
	require.NoError(t, os.Rename(s.dir, filepath.Join(layer, "opt/dynatrace/oneagent")))
	epoch := []syscall.Timespec{{}, {}}
	require.NoError(t, filepath.WalkDir(layer, func(p string, _ os.DirEntry, _ error) error {
		if st, err := os.Lstat(p); err == nil && st.Mode()&os.ModeSymlink != 0 {
			return lutimes(p)
		}
		return syscall.UtimesNano(p, epoch)
	}))
	var tar bytes.Buffer
	require.NoError(t, archive.WriteDiff(t.Context(), &tar, "", layer))
	require.Equal(t, digest.FromBytes(tar.Bytes()).String(), in.DiffID)
}
