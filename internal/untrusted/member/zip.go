package member

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"errors"
	"io"
	"strings"

	"github.com/org/dt-frontend/internal/untrusted/zipdir"
)

// maxDirectory bounds a zip's list of files, in bytes.
const maxDirectory = 32 << 20

// methodBzip2 is the further method of which the standard library has the
// decompressor.
const methodBzip2 = 12

// encrypted is the flag of a zip's member.
const encrypted = 1

// zip walks the zip that a file ends with, if it does.
func (w *walker) zip(head []byte) error {
	z, err := zipdir.Open(w.r, w.size, zipdir.Limit{Entries: maxEntries, Bytes: maxDirectory})
	switch {
	case errors.Is(err, zipdir.ErrTooLarge):
		return &Error{Reason: ErrTooLarge, Detail: err.Error()}
	case err != nil && isZip(head):
		w.miss(explain("", err))
		return nil
	case err != nil:
		return nil
	}
	z.RegisterDecompressor(methodBzip2, func(r io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(r)) })
	var last *inflated
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser {
		last = inflate(r)
		return last
	})
	if err := w.comment("", z.Comment); err != nil {
		return err
	}
	// unread is what members claim for themselves and their streams do not hold.
	unread := map[*zip.File]int64{}
	for _, f := range z.File {
		last = nil
		if err := w.zipMember(f); err != nil {
			return err
		}
		if last != nil {
			unread[f] = last.unread(f.CompressedSize64)
		}
	}
	return w.deleted(z, unread)
}

// isZip reports whether a file that begins with head claims to be a zip: with a
// file, an empty list, or the mark of one in several parts.
func isZip(head []byte) bool {
	for _, signature := range []string{"PK\x03\x04", "PK\x05\x06", "PK\x07\x08", "PK00PK"} {
		if bytes.HasPrefix(head, []byte(signature)) {
			return true
		}
	}
	return false
}

func (w *walker) zipMember(f *zip.File) error {
	if err := w.comment(f.Name, f.Comment); err != nil {
		return err
	}
	if f.UncompressedSize64 > uint64(w.budget.bytes) {
		return w.budget.exceeded(f.Name)
	}
	r, err := openZip(f)
	if err != nil {
		r = failed{err}
	}
	return w.member(f.Name, r)
}

// openZip returns a member's content, that of a folder too.
func openZip(f *zip.File) (io.Reader, error) {
	if f.Flags&encrypted != 0 {
		return nil, ErrEncrypted
	}
	name := f.Name
	// Java's tools give a folder two bytes, which are compressed nothing.
	if strings.HasSuffix(name, "/") && f.CompressedSize64 > 2 {
		f.Name = strings.TrimRight(name, "/")
	}
	r, err := f.Open()
	f.Name = name
	return r, err
}

func (w *walker) comment(name, comment string) error {
	if comment == "" {
		return nil
	}
	return w.member(strings.TrimSpace(name+" (comment)"), strings.NewReader(comment))
}

// failed is a member that cannot be read.
type failed struct{ err error }

// Read fails.
func (f failed) Read([]byte) (int, error) { return 0, f.err }
