package image

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/containerd/containerd/v2/pkg/archive/compression"
)

// walkTar shows v the files of an archive, but for the content of those that
// skip names.
func walkTar(r *archived, v Visitor, skip func(h *tar.Header) bool) error {
	t := tar.NewReader(r)
	content := &sparse{archive: r.metered, r: t}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			r.content = true
			return v.Rest(r)
		}
		if err != nil {
			return fmt.Errorf("unpacking it: %w", err)
		}
		if err := checkPaths(h.Name, h.Linkname); err != nil {
			return err
		}
		r.content, r.skipped = true, skip != nil && skip(h)
		if r.skipped {
			err = drain(content)
		} else {
			err = v.Entry(h, content)
		}
		if err != nil {
			return err
		}
		r.content, r.skipped = false, false
	}
}

// archived is an archive that a visitor is given as it is while it is read.
type archived struct {
	*metered
	visitor Visitor
	// content says that the content of a file is being read.
	content bool
	// skipped says that nobody is shown it.
	skipped bool
}

// Read reads on.
func (a *archived) Read(p []byte) (int, error) {
	n, err := a.metered.Read(p)
	if !a.skipped {
		a.visitor.Raw(p[:n], a.content)
	}
	return n, err
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

// unpacked returns a reader of a layer as it is stored. The visitor sees what is
// read of a compressed one.
func unpacked(stored io.Reader, v Visitor) (io.Reader, error) {
	in := bufio.NewReaderSize(stored, 64<<10)
	head, err := in.Peek(magicLength)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if compression.DetectCompression(head) == compression.Uncompressed {
		return in, nil
	}
	return io.TeeReader(in, packedWriter{v}), nil
}

// packedWriter gives a visitor what is written to it.
type packedWriter struct{ visitor Visitor }

// Write never fails.
func (w packedWriter) Write(p []byte) (int, error) {
	w.visitor.Packed(p)
	return len(p), nil
}
