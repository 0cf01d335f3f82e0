package image

import (
	"context"
	_ "crypto/sha256" // digests are of these
	_ "crypto/sha512"
	"errors"
	"fmt"
	"io"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// blobs is where the parts of an image lie.
type blobs interface {
	// open returns a part as it is stored, unchecked.
	open(ctx context.Context, desc ocispecs.Descriptor) (io.ReadCloser, error)
}

// DamagedError says that a part of an image is not what its digest says.
type DamagedError struct {
	Digest digest.Digest
	Reason string
}

// Error names the part.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s is damaged: %s", e.Digest, e.Reason)
}

// verified is a part that is checked against its descriptor when it ends.
type verified struct {
	io.ReadCloser
	ctx      context.Context
	desc     ocispecs.Descriptor
	verifier digest.Verifier
	size     int64
}

// openVerified opens a part. Whoever reads it to its end learns whether it is
// the right one: the last read fails if not.
func openVerified(ctx context.Context, b blobs, desc ocispecs.Descriptor) (io.ReadCloser, error) {
	if err := desc.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("the image names a part by %q: %w", desc.Digest, err)
	}
	// An image does not choose whom its reader talks to.
	desc.URLs = nil
	r, err := b.open(ctx, desc)
	if err != nil {
		return nil, err
	}
	return &verified{ReadCloser: r, ctx: ctx, desc: desc, verifier: desc.Digest.Verifier()}, nil
}

// Read reads on, and checks all at the end.
func (v *verified) Read(p []byte) (int, error) {
	if err := v.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := v.ReadCloser.Read(p)
	_, _ = v.verifier.Write(p[:n]) // a hash does not fail
	v.size += int64(n)
	switch {
	case v.size > v.desc.Size:
		return n, &DamagedError{v.desc.Digest, fmt.Sprintf("it has more than the %d bytes that it should have", v.desc.Size)}
	case !errors.Is(err, io.EOF):
		return n, err
	case v.size < v.desc.Size:
		return n, &DamagedError{v.desc.Digest, fmt.Sprintf("it has %d bytes, and should have %d", v.size, v.desc.Size)}
	case !v.verifier.Verified():
		return n, &DamagedError{v.desc.Digest, "it holds something else than its digest says"}
	}
	return n, err
}

// readAll returns a small part.
func readAll(ctx context.Context, b blobs, desc ocispecs.Descriptor, limit int64) ([]byte, error) {
	if desc.Size > limit {
		return nil, fmt.Errorf("%s has %d bytes; more than %d are not read", desc.Digest, desc.Size, limit)
	}
	r, err := openVerified(ctx, b, desc)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
