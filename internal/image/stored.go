package image

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
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
	raw := told{blob, s.progress, m}
	if !images.IsLayerType(s.desc.MediaType) {
		part := &metered{ctx: ctx, r: raw, meter: m}
		if err := v.Rest(part); err != nil {
			return "", err
		}
		return "", drain(part)
	}
	plain, err := decompress(raw)
	if err != nil {
		return "", damaged(s.desc.Digest, err)
	}
	defer plain.Close()
	hash := digest.Canonical.Digester()
	unpacked := &metered{ctx: ctx, r: io.TeeReader(plain, hash.Hash()), meter: m}
	if err := walkTar(unpacked, v); err != nil {
		return "", damaged(s.desc.Digest, err)
	}
	if err := errors.Join(drain(unpacked), drain(raw)); err != nil {
		return "", damaged(s.desc.Digest, err)
	}
	return hash.Digest(), nil
}

// walkTar shows v the files of an archive.
func walkTar(r *metered, v Visitor) error {
	t := tar.NewReader(r)
	content := &sparse{archive: r, r: t}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return v.Rest(r)
		}
		if err != nil {
			return fmt.Errorf("unpacking it: %w", err)
		}
		if err := checkPaths(h.Name, h.Linkname); err != nil {
			return err
		}
		if err := v.Entry(h, content); err != nil {
			return err
		}
	}
}

// sparse is the content of files in an archive. The holes of sparse files do not
// stand in the archive, but are read all the same.
type sparse struct {
	archive *metered
	r       io.Reader
}

// Read counts what was read beyond the archive's own bytes.
func (s *sparse) Read(p []byte) (int, error) {
	before := s.archive.read
	n, err := s.r.Read(p)
	if holes := n - int(s.archive.read-before); holes > 0 {
		if cerr := s.archive.ctx.Err(); cerr != nil {
			return 0, cerr
		}
		if merr := s.archive.meter.Unpacked(holes); merr != nil {
			return 0, merr
		}
	}
	return n, err
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
