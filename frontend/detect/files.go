package detect

import (
	"context"
	"fmt"
	"os"
	"path"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/tonistiigi/fsutil/types"
)

// Files is the part of a gateway reference that lists folders. Symlinks in a
// folder's path are followed within the image.
type Files interface {
	ReadDir(ctx context.Context, req client.ReadDirRequest) ([]*types.Stat, error)
}

// maxSymlinks is how many symlinks are followed to one file, as in Linux.
const maxSymlinks = 40

// Stat returns what is at an absolute path, or nil if there is nothing. It goes
// down from the root, since of a folder that cannot be listed the error does
// not say whether it is there.
func Stat(ctx context.Context, files Files, name string) (*types.Stat, error) {
	return (&walk{files: files, symlinks: maxSymlinks}).stat(ctx, name)
}

// List returns the entries of the folder at an absolute path, or none.
func List(ctx context.Context, files Files, dir string) ([]*types.Stat, error) {
	ok, err := (&walk{files: files, symlinks: maxSymlinks}).isFolder(ctx, dir)
	if err != nil || !ok {
		return nil, err
	}
	entries, err := files.ReadDir(ctx, client.ReadDirRequest{Path: dir})
	if err != nil {
		return nil, fmt.Errorf("listing %s in the image: %w", dir, err)
	}
	return entries, nil
}

// walk is one way down through an image.
type walk struct {
	files Files
	// symlinks is how many may still be followed.
	symlinks int
}

func (w *walk) stat(ctx context.Context, name string) (*types.Stat, error) {
	dir, base := path.Dir(path.Clean(name)), path.Base(name)
	if ok, err := w.isFolder(ctx, dir); err != nil || !ok {
		return nil, err
	}
	entries, err := w.files.ReadDir(ctx, client.ReadDirRequest{Path: dir, IncludePattern: base})
	if err != nil {
		return nil, fmt.Errorf("looking for %s in the image: %w", name, err)
	}
	for _, st := range entries {
		if st.Path == base {
			return st, nil
		}
	}
	return nil, nil
}

// isFolder reports whether name is a folder, or a symlink that leads to one.
func (w *walk) isFolder(ctx context.Context, name string) (bool, error) {
	if name = path.Clean(name); name == "/" {
		return true, nil
	}
	st, err := w.stat(ctx, name)
	if err != nil || st == nil {
		return false, err
	}
	mode := os.FileMode(st.Mode)
	if mode&os.ModeSymlink == 0 {
		return mode.IsDir(), nil
	}
	if w.symlinks--; w.symlinks < 0 {
		return false, nil
	}
	target := st.Linkname
	if !path.IsAbs(target) {
		target = path.Join(path.Dir(name), target)
	}
	return w.isFolder(ctx, path.Clean("/"+target))
}
