package image

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	digest "github.com/opencontainers/go-digest"
)

// openFolder opens a root file system as an image of one layer, with no config.
func openFolder(name string, o Options) (*Image, error) {
	if len(o.Platforms) > 0 {
		return nil, errors.New("it is a folder, which is for no platform")
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &Image{
		Manifests: []*Manifest{{Role: RoleImage, Layers: []*Layer{{source: tree{root, o.Progress}}}}},
		closers:   []io.Closer{root},
	}, nil
}

// tree is a layer of files on disk. Nothing outside it is read.
type tree struct {
	root     *os.Root
	progress Progress
}

// walk shows v the files. Those that are neither files, folders nor links have
// no content.
func (t tree) walk(ctx context.Context, v Visitor, m Meter) (digest.Digest, error) {
	t.progress.Start("folder", 0)
	w := &folderWalk{ctx: ctx, visitor: v, meter: m, progress: t.progress}
	return "", w.dir(t.root, "")
}

// folderWalk walks the directories of a tree. It opens each one relative to the
// one above it: to open each by its whole path takes as many steps as the path
// has parts.
type folderWalk struct {
	ctx      context.Context
	visitor  Visitor
	meter    Meter
	progress Progress
	// skip names what is not shown; nil for nothing.
	skip func(name string) bool
}

// dir shows all in one directory.
func (w *folderWalk) dir(at *os.Root, name string) error {
	names, err := w.list(at)
	if err != nil {
		return err
	}
	for _, base := range names {
		w.meter.Drop(base)
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := w.child(at, base, path.Join(name, base)); err != nil {
			return err
		}
	}
	return nil
}

// list returns the names in a directory, in order.
func (w *folderWalk) list(at *os.Root) ([]string, error) {
	const atOnce = 1000
	f, err := at.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []string
	for {
		some, err := f.Readdirnames(atOnce)
		for _, name := range some {
			if err := w.meter.Keep(name); err != nil {
				return nil, err
			}
		}
		all = append(all, some...)
		if errors.Is(err, io.EOF) {
			slices.Sort(all)
			return all, nil
		}
		if err := errors.Join(err, w.ctx.Err()); err != nil {
			return nil, err
		}
	}
}

// child shows one file of a directory, and all below it.
func (w *folderWalk) child(at *os.Root, base, name string) error {
	st, err := at.Lstat(base)
	if err != nil {
		return err
	}
	target := ""
	if st.Mode()&fs.ModeSymlink != 0 {
		if target, err = at.Readlink(base); err != nil {
			return err
		}
	}
	if err := checkPaths(name, target); err != nil {
		return err
	}
	h, err := header(name, target, st)
	if err != nil {
		return err
	}
	skip := w.skip != nil && w.skip(name)
	switch {
	case skip && !st.IsDir():
		return nil
	case skip:
	case st.Mode().IsRegular():
		return w.file(at, base, h)
	default:
		if err := w.visitor.Entry(h, strings.NewReader("")); err != nil || !st.IsDir() {
			return err
		}
	}
	below, err := at.OpenRoot(base)
	if err != nil {
		return err
	}
	defer below.Close()
	return w.dir(below, name)
}

// file shows a file's content. A sparse file may hold much more than it takes.
func (w *folderWalk) file(at *os.Root, base string, h *tar.Header) error {
	f, err := at.Open(base)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	const block = 512
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		w.meter.Stored(int(min(st.Size(), sys.Blocks*block)))
	}
	return w.visitor.Entry(h, &metered{ctx: w.ctx, r: progressReader{f, w.progress, nil}, meter: w.meter})
}

// header returns what an archive says of a file.
func header(name, target string, st fs.FileInfo) (*tar.Header, error) {
	h, err := tar.FileInfoHeader(st, target)
	if err != nil {
		if st.Mode()&fs.ModeSocket == 0 {
			return nil, fmt.Errorf("looking at %s: %w", name, err)
		}
		// An archive cannot have one, and it has no content.
		h = &tar.Header{Typeflag: tar.TypeFifo}
	}
	h.Name = name
	// The owners' names are this machine's.
	h.Uname, h.Gname = "", ""
	return h, nil
}
