package image

import (
	"archive/tar"
	"context"
	"fmt"
	"io"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Layer is one layer of an image, or another part that a manifest names.
type Layer struct {
	// Index counts from the lowest, from zero.
	Index int
	// Descriptor is empty for a folder.
	Descriptor ocispecs.Descriptor
	// DiffID is the digest of the uncompressed layer as the config has it.
	DiffID digest.Digest

	source source
}

// source is where a layer's files come from.
type source interface {
	walk(ctx context.Context, v Visitor, m Meter) (digest.Digest, error)
}

// Visitor is shown what is in a layer.
type Visitor interface {
	// Entry is shown each file, folder and link; content can be read until it
	// returns.
	Entry(h *tar.Header, content io.Reader) error
	// Rest is shown all else: what stands behind the end of an archive, or a
	// part that is none.
	Rest(content io.Reader) error
	// Raw is given an archive as it is, piece by piece. Content says that the
	// piece is of what [Visitor.Entry] or [Visitor.Rest] is shown. What is not may
	// hold anything: no program shows the padding behind a file, or a record of a
	// header that another one overrides.
	Raw(p []byte, content bool)
	// Packed is given a compressed layer as it is stored, piece by piece. Its
	// format has room for comments, and for parts that decompression skips.
	Packed(p []byte)
}

// Walk shows v all that is in the layer, and checks that it is the layer that
// the image names. It returns the diff ID as computed from the content, which a
// folder has not. The meter bounds what it may cost.
//
// The layer is streamed. So v may have seen something of a layer that is then
// found to be damaged.
func (l *Layer) Walk(ctx context.Context, v Visitor, m Meter) (digest.Digest, error) {
	diffID, err := l.source.walk(ctx, v, m)
	if err != nil {
		return "", fmt.Errorf("reading layer %d (%s): %w", l.Index, l.Descriptor.Digest, err)
	}
	if l.DiffID != "" && diffID != l.DiffID {
		return "", fmt.Errorf("reading layer %d: %w", l.Index,
			&DamagedError{l.Descriptor.Digest, "unpacked it holds something else than the config says"})
	}
	return diffID, nil
}
