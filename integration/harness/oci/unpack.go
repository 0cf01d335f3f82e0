package oci

import (
	"context"
	"fmt"
	"io"

	"github.com/containerd/containerd/v2/pkg/archive"
	"github.com/containerd/containerd/v2/pkg/archive/compression"
)

// Layer returns the uncompressed archive of the n-th layer, the lowest being 0.
func (i *Image) Layer(n int) (io.ReadCloser, error) {
	blob, err := i.layout.Blob(i.Manifest.Layers[n].Digest)
	if err != nil {
		return nil, err
	}
	r, err := decompress(blob)
	if err != nil {
		return nil, fmt.Errorf("decompressing layer %d: %w", n, err)
	}
	return r, nil
}

// Unpack writes the image's root file system into dir, as a container would
// see it. Only root can: files keep their owners.
func (i *Image) Unpack(ctx context.Context, dir string) error {
	for n := range i.DiffIDs() {
		if err := i.Apply(ctx, dir, n); err != nil {
			return fmt.Errorf("unpacking layer %d of %s: %w", n, i.Descriptor.Digest, err)
		}
	}
	return nil
}

// Apply unpacks the n-th layer into dir, which holds those below, and checks that
// the content is what the config says.
func (i *Image) Apply(ctx context.Context, dir string, n int) error {
	layer, err := i.Layer(n)
	if err != nil {
		return err
	}
	defer layer.Close()
	diffID := i.DiffIDs()[n]
	verifier := diffID.Verifier()
	r := io.TeeReader(layer, verifier)
	if _, err := archive.Apply(ctx, dir, r); err != nil {
		return err
	}
	// An archive may have padding behind its end.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	if !verifier.Verified() {
		return fmt.Errorf("its content is not %s", diffID)
	}
	return nil
}

// decompress reads gzip and zstd, and anything else as it is. Closing it closes
// the blob.
func decompress(blob io.ReadCloser) (io.ReadCloser, error) {
	r, err := compression.DecompressStream(blob)
	if err != nil {
		_ = blob.Close()
		return nil, err
	}
	return &decompressed{Reader: r, closers: []io.Closer{r, blob}}, nil
}

type decompressed struct {
	io.Reader
	closers []io.Closer
}

func (d *decompressed) Close() error {
	var first error
	for _, c := range d.closers {
		if err := c.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
