package tree

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCopy(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "dynatrace/oneagent")
	in := func(name string) string { return filepath.Join(from, name) }
	require.NoError(t, os.MkdirAll(in("agent/log"), 0o755))
	require.NoError(t, os.Chmod(in("agent/log"), fs.ModeSticky|0o777))
	require.NoError(t, os.WriteFile(in("agent/program"), []byte("content"), 0o755))
	require.NoError(t, os.Link(in("agent/program"), in("agent/same")))
	require.NoError(t, os.Symlink("../agent/none", in("agent/link")))
	root, err := os.OpenRoot(from)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, Copy(t.Context(), root, to))

	out := func(name string) fs.FileInfo {
		st, err := os.Lstat(filepath.Join(to, name))
		require.NoError(t, err)
		return st
	}
	require.Equal(t, fs.ModeDir|fs.ModeSticky|0o777, out("agent/log").Mode())
	require.Equal(t, fs.FileMode(0o755), out("agent/program").Mode())
	require.True(t, os.SameFile(out("agent/program"), out("agent/same")))
	require.EqualValues(t, 2, out("agent/same").Sys().(*syscall.Stat_t).Nlink)
	dt, err := os.ReadFile(filepath.Join(to, "agent/same"))
	require.NoError(t, err)
	require.Equal(t, "content", string(dt))
	target, err := os.Readlink(filepath.Join(to, "agent/link"))
	require.NoError(t, err)
	require.Equal(t, "../agent/none", target)

	require.ErrorIs(t, Copy(t.Context(), root, to), fs.ErrExist, "over nothing that is there")
	require.NoError(t, syscall.Mkfifo(in("agent/pipe"), 0o600))
	require.ErrorContains(t, Copy(t.Context(), root, filepath.Join(t.TempDir(), "x")), "agent/pipe is neither")
}
