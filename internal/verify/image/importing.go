package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/pkg/archive/compression"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Bounds of an archive: each file in it becomes one in the temporary folder.
const (
	maxArchiveFiles = 20_000
	maxArchiveBytes = 128 << 30
)

// importing is a store while an archive is copied into it, which must not cost
// more than the archive has.
type importing struct {
	content.Store
	// in is the archive, unpacked.
	in      *limited
	left    int
	written int64
	// files are those that were copied.
	files []importedFile
}

// Writer begins a part.
func (i *importing) Writer(ctx context.Context, opts ...content.WriterOpt) (content.Writer, error) {
	if i.left--; i.left < 0 {
		return nil, fmt.Errorf("it has more than %d files", maxArchiveFiles)
	}
	w, err := i.Store.Writer(ctx, opts...)
	if err != nil {
		return nil, err
	}
	return &importWriter{w, i, nameOf(opts)}, nil
}

// importWriter writes a part.
type importWriter struct {
	content.Writer
	store *importing
	// name is that of the file in the archive, or empty.
	name string
}

// nameOf returns the file of the archive that a part is made of. containerd
// writes its name into the reference of the part.
func nameOf(opts []content.WriterOpt) string {
	var o content.WriterOpts
	for _, opt := range opts {
		if opt(&o) != nil {
			return ""
		}
	}
	name, ok := strings.CutPrefix(o.Ref, "tar-")
	if !ok {
		return ""
	}
	return name
}

// Commit ends a part.
func (w *importWriter) Commit(ctx context.Context, size int64, expected digest.Digest, opts ...content.Opt) error {
	if w.name != "" {
		w.store.files = append(w.store.files, importedFile{w.name, w.Digest()})
	}
	return w.Writer.Commit(ctx, size, expected, opts...)
}

// Write writes no more than was read. A sparse file may hold a million times
// what it takes in an archive.
func (w *importWriter) Write(p []byte) (int, error) {
	// Documents that are made on the way are small.
	const own = 1 << 20
	if w.store.written += int64(len(p)); w.store.written > w.store.in.read+own {
		return 0, errors.New("it has a sparse file")
	}
	return w.Writer.Write(p)
}

// ReaderAt opens a part. A compressed one looks empty: the importer asks only
// for how it is compressed, which does not matter here, and for that begins to
// unpack it, with as much memory as it asks for.
func (i *importing) ReaderAt(ctx context.Context, desc ocispecs.Descriptor) (content.ReaderAt, error) {
	ra, err := i.Store.ReaderAt(ctx, desc)
	if err != nil {
		return nil, err
	}
	head := make([]byte, magicLength)
	n, err := ra.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, ra.Close())
	}
	if compression.DetectCompression(head[:n]) == compression.Uncompressed {
		return ra, nil
	}
	return empty{ra}, nil
}

// empty is a part that looks empty.
type empty struct {
	io.Closer
}

// ReadAt reads nothing.
func (empty) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

// Size is nothing.
func (empty) Size() int64 { return 0 }
