package detect

import (
	"context"
	"fmt"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/tonistiigi/fsutil/types"
)

// Files is the part of a gateway reference that lists folders. Symlinks in a
// folder's path are followed within the image.
type Files interface {
	ReadDir(ctx context.Context, req client.ReadDirRequest) ([]*types.Stat, error)
}

// Stat returns what is at an absolute path, or nil if there is nothing. A
// symlink at its end is not followed.
func Stat(ctx context.Context, files Files, name string) (*types.Stat, error) {
	_, st, err := (&walk{files: files}).to(ctx, name)
	return st, err
}

// Find follows all symlinks of an absolute path. It returns where they lead and
// what is there, or nil if there is nothing.
func Find(ctx context.Context, files Files, name string) (string, *types.Stat, error) {
	return (&walk{files: files, last: true}).to(ctx, name)
}

// List returns the entries of the folder at an absolute path, or none.
func List(ctx context.Context, files Files, dir string) ([]*types.Stat, error) {
	real, st, err := Find(ctx, files, dir)
	if err != nil || st == nil || !isDir(st) {
		return nil, err
	}
	entries, err := files.ReadDir(ctx, client.ReadDirRequest{Path: real})
	if err != nil {
		return nil, fmt.Errorf("listing %s in the image: %w", dir, err)
	}
	return entries, nil
}
