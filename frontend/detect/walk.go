package detect

import (
	"context"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/tonistiigi/fsutil/types"
)

// maxSymlinks is how many symlinks are followed to one file, as in Linux.
const maxSymlinks = 40

// walk is one way down through an image. It starts at the root and asks for
// every folder on the way, since of a folder that cannot be listed the error
// does not say whether it is there.
type walk struct {
	files Files
	// last says that a symlink at the end is followed too.
	last bool
	// symlinks is how many were followed.
	symlinks int
}

// to returns the real path of what is at name, and what it is. A loop of
// symlinks leads nowhere.
func (w *walk) to(ctx context.Context, name string) (string, *types.Stat, error) {
	at, st := "/", folder()
	for rest := split(name); len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		if !isDir(st) {
			return "", nil, nil
		}
		if part == ".." {
			// The way down was by real folders alone.
			at, st = path.Dir(at), folder()
			continue
		}
		next, err := w.entry(ctx, at, part)
		if err != nil || next == nil {
			return "", nil, err
		}
		if isSymlink(next) && (w.last || len(rest) > 0) {
			if w.symlinks++; w.symlinks > maxSymlinks {
				return "", nil, nil
			}
			if path.IsAbs(next.Linkname) {
				at = "/"
			}
			rest = append(split(next.Linkname), rest...)
			continue
		}
		at, st = path.Join(at, part), next
	}
	return at, st, nil
}

// entry returns one entry of a folder that is there, or nil.
func (w *walk) entry(ctx context.Context, dir, base string) (*types.Stat, error) {
	req := client.ReadDirRequest{Path: dir, IncludePattern: base}
	if strings.ContainsAny(base, `*?[]\!# `) {
		req.IncludePattern = ""
	}
	entries, err := w.files.ReadDir(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("looking for %s in the image: %w", path.Join(dir, base), err)
	}
	for _, st := range entries {
		if st.Path == base {
			return st, nil
		}
	}
	return nil, nil
}

// split returns the steps of a path; ".." stays, for it is another folder's
// parent behind a symlink.
func split(name string) []string {
	var out []string
	for part := range strings.SplitSeq(name, "/") {
		if part != "" && part != "." {
			out = append(out, part)
		}
	}
	return out
}

func folder() *types.Stat { return &types.Stat{Mode: uint32(os.ModeDir | 0o755)} }

func isDir(st *types.Stat) bool { return os.FileMode(st.Mode).IsDir() }

func isSymlink(st *types.Stat) bool { return os.FileMode(st.Mode)&os.ModeSymlink != 0 }
