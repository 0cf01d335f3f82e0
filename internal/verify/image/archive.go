package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images/archive"
	"github.com/containerd/containerd/v2/plugins/content/local"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// imported is an archive whose parts were copied to a folder.
type imported struct {
	store content.Provider
}

func (i imported) open(ctx context.Context, desc ocispecs.Descriptor) (io.ReadCloser, error) {
	ra, err := i.store.ReaderAt(ctx, desc)
	if err != nil {
		return nil, fmt.Errorf("it names %s, and does not have it: %w", desc.Digest, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{content.NewReader(ra), ra}, nil
}

// folder is a temporary one.
type folder string

// Close removes the folder.
func (f folder) Close() error { return os.RemoveAll(string(f)) }

// openArchive opens an archive in OCI's form or that of docker save, compressed
// or not.
func openArchive(ctx context.Context, name string, o Options) (*Image, error) {
	dir, err := os.MkdirTemp(o.Temp, "dt-verify-")
	if err != nil {
		return nil, err
	}
	img := &Image{closers: []io.Closer{folder(dir)}}
	if err := loadArchive(ctx, img, name, dir, o); err != nil {
		return nil, errors.Join(err, img.Close())
	}
	return img, nil
}

func loadArchive(ctx context.Context, img *Image, name, dir string, o Options) error {
	store, err := local.NewStore(dir)
	if err != nil {
		return err
	}
	index, files, err := importArchive(ctx, store, name, o)
	if err != nil {
		return err
	}
	used, err := read(ctx, img, imported{store}, index, o)
	if err == nil && len(o.Platforms) == 0 {
		img.Loose = &Layer{source: looseArchive{name, o.Progress, files, used}}
	}
	return err
}

// importArchive copies the archive's parts into store, and returns which.
func importArchive(ctx context.Context, store content.Store, name string, o Options) (ocispecs.Descriptor, []importedFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return ocispecs.Descriptor{}, nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return ocispecs.Descriptor{}, nil, err
	}
	o.Progress.Start("archive", st.Size())
	plain, err := decompress(progressReader{reader{ctx, f}, o.Progress, nil})
	if err != nil {
		return ocispecs.Descriptor{}, nil, fmt.Errorf("unpacking it: %w", err)
	}
	defer plain.Close()
	in := &limited{r: plain, left: maxArchiveBytes}
	into := &importing{Store: store, in: in, left: maxArchiveFiles}
	desc, err := archive.ImportIndex(ctx, into, in)
	if err != nil {
		return ocispecs.Descriptor{}, nil, fmt.Errorf("it is no archive of an image that can be read: %w", err)
	}
	return desc, into.files, nil
}

// reader ends when its context does.
type reader struct {
	ctx context.Context
	io.Reader
}

// Read reads on until the context ends.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
