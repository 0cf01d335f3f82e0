package image

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

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
func (t tree) walk(ctx context.Context, v Visitor, limit int64) (digest.Digest, error) {
	t.progress.Start("folder", 0)
	return "", fs.WalkDir(t.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if name == "." {
			return nil
		}
		st, err := d.Info()
		if err != nil {
			return err
		}
		if limit -= st.Size(); limit < 0 && st.Mode().IsRegular() {
			return errTooLarge
		}
		return t.entry(ctx, name, st, v)
	})
}

func (t tree) entry(ctx context.Context, name string, st fs.FileInfo, v Visitor) error {
	target := ""
	if st.Mode()&fs.ModeSymlink != 0 {
		var err error
		if target, err = t.root.Readlink(name); err != nil {
			return err
		}
	}
	h, err := tar.FileInfoHeader(st, target)
	if err != nil {
		if st.Mode()&fs.ModeSocket == 0 {
			return fmt.Errorf("looking at %s: %w", name, err)
		}
		// An archive cannot have one, and it has no content.
		h = &tar.Header{Typeflag: tar.TypeFifo}
	}
	h.Name = name
	// The owners' names are this machine's.
	h.Uname, h.Gname = "", ""
	if !st.Mode().IsRegular() {
		return v.Entry(h, strings.NewReader(""))
	}
	f, err := t.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return v.Entry(h, told{reader{ctx, f}, t.progress})
}
