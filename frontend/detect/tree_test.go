package detect

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

// tree is a root file system in a folder, listed as the gateway lists one.
type tree struct {
	root string
	// asked counts the requests.
	asked int
}

// newTree makes executable files, "name -> target" symlinks, "name = other"
// hard links, and "name -" files that nobody can execute.
func newTree(t *testing.T, files ...string) *tree {
	t.Helper()
	root := t.TempDir()
	for _, f := range files {
		name, target, _ := strings.Cut(f, " ")
		p := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o755))
		kind, target, _ := strings.Cut(target, " ")
		switch kind {
		case "->":
			require.NoError(t, os.Symlink(target, p))
		case "=":
			require.NoError(t, os.Link(filepath.Join(root, target), p))
		case "-":
			require.NoError(t, os.WriteFile(p, nil, 0o644))
		default:
			require.NoError(t, os.WriteFile(p, nil, 0o755))
		}
	}
	return &tree{root: root}
}

func (r *tree) ReadDir(_ context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	r.asked++
	dir := r.resolve(req.Path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.New("no such folder, or another error: who knows")
	}
	var out []*types.Stat
	inodes := map[uint64]string{}
	for _, e := range entries {
		if ok, _ := path.Match(req.IncludePattern, e.Name()); req.IncludePattern != "" && !ok {
			continue
		}
		if !utf8.ValidString(e.Name()) {
			return nil, errors.New("string field contains invalid UTF-8")
		}
		st, err := stat(filepath.Join(dir, e.Name()), inodes)
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}

// stat returns what the gateway tells of a file. Of hard links it names the
// first that it came across.
func stat(name string, inodes map[uint64]string) (*types.Stat, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	out := &types.Stat{Path: info.Name(), Mode: uint32(info.Mode())}
	out.Linkname, _ = os.Readlink(name)
	inode := info.Sys().(*syscall.Stat_t).Ino
	if first, ok := inodes[inode]; ok && !info.IsDir() {
		out.Linkname = first
	} else {
		inodes[inode] = info.Name()
	}
	return out, nil
}

// resolve follows symlinks within the tree; the tests have no loop that it is
// asked to follow.
func (r *tree) resolve(name string) string {
	at := r.root
	for part := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		next := filepath.Join(at, part)
		if link, err := os.Readlink(next); err == nil {
			if filepath.IsAbs(link) {
				next = r.resolve(link)
			} else {
				next = r.resolve(strings.TrimPrefix(filepath.Join(at, link), r.root))
			}
		}
		at = next
	}
	return at
}
