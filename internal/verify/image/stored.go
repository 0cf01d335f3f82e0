package image

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/containerd/containerd/v2/core/images"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// stored is a layer as images have it: a tar, most often compressed.
type stored struct {
	blobs    blobs
	desc     ocispecs.Descriptor
	progress Progress
}

// walk reads the layer once. Both digests are computed on the way.
func (s *stored) walk(ctx context.Context, v Visitor, m Meter) (diffID digest.Digest, err error) {
	if strings.HasSuffix(s.desc.MediaType, "+encrypted") {
		return "", errors.New("it is encrypted")
	}
	s.progress.Start("layer "+short(s.desc.Digest), s.desc.Size)
	blob, err := openVerified(ctx, s.blobs, s.desc)
	if err != nil {
		return "", err
	}
	defer blob.Close()
	raw := progressReader{blob, s.progress, m}
	if !images.IsLayerType(s.desc.MediaType) {
		part := &metered{ctx: ctx, r: raw, meter: m}
		if err := v.Rest(part); err != nil {
			return "", err
		}
		return "", drain(part)
	}
	in, err := unpacked(raw, v)
	if err != nil {
		return "", err
	}
	plain, err := decompress(in)
	if err != nil {
		return "", damaged(s.desc.Digest, err)
	}
	defer plain.Close()
	hash := digest.Canonical.Digester()
	archive := &archived{metered: &metered{ctx: ctx, r: io.TeeReader(plain, hash.Hash()), meter: m}, visitor: v}
	if err := walkTar(archive, v, nil); err != nil {
		return "", damaged(s.desc.Digest, err)
	}
	if err := errors.Join(drain(archive), drain(in)); err != nil {
		return "", damaged(s.desc.Digest, err)
	}
	return hash.Digest(), nil
}

// drain reads what is left for the digest's sake.
func drain(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// damaged says which part an error of unpacking is about.
func damaged(dgst digest.Digest, err error) error {
	var own *DamagedError
	switch {
	case errors.As(err, &own):
		return err
	case errors.Is(err, tar.ErrHeader), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum),
		errors.Is(err, io.ErrUnexpectedEOF):
		return &DamagedError{dgst, err.Error()}
	}
	return err
}

// short is a digest as people see it.
func short(d digest.Digest) string {
	const length = 12
	if e := d.Encoded(); len(e) > length {
		return e[:length]
	}
	return d.String()
}

// errTooLarge ends the reading of an archive of images that is a bomb.
var errTooLarge = errors.New("it unpacks to more than is read")

// limited reads so many bytes, and fails where there are more.
type limited struct {
	r    io.Reader
	left int64
	// read counts what was read.
	read int64
}

// Read reads on within the limit.
func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.read += int64(n)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
