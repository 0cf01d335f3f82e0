package member

import (
	"archive/tar"
	"bytes"
	"io"
	"strconv"
	"strings"
)

// blockSize is that of a tar, and what tells what a file is.
const blockSize = 512

// isTar reports whether b begins with a tar's header: one of which the checksum
// is right.
func isTar(b []byte) bool {
	if len(b) < blockSize || b[0] == 0 {
		return false
	}
	const from, to = 148, 156
	want, err := strconv.ParseInt(strings.Trim(string(b[from:to]), " \x00"), 8, 32)
	if err != nil {
		return false
	}
	var unsigned, signed int64
	for i, c := range b[:blockSize] {
		if i >= from && i < to {
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c))
	}
	return want == unsigned || want == signed
}

// maxHeaders is how much of what stands between members is kept until fn sees
// it.
const maxHeaders = 64 << 10

// tar walks a tar. Where it is damaged all of the rest is one member, so that
// damage hides nothing.
func (w *walker) tar(in io.Reader) error {
	between := &recorder{r: in}
	t := tar.NewReader(between)
	for {
		between.on = true
		h, err := t.Next()
		between.on = false
		if err != nil || between.kept.Len() > maxHeaders {
			if err := w.member(Headers, &between.kept); err != nil {
				return err
			}
			between.kept.Reset()
		}
		if err != nil {
			return w.member(Content, in)
		}
		if err := w.tarMember(h, t); err != nil {
			return err
		}
	}
}

func (w *walker) tarMember(h *tar.Header, t *tar.Reader) error {
	if h.Linkname != "" {
		if err := w.member(h.Name, strings.NewReader(h.Linkname)); err != nil || h.Size == 0 {
			return err
		}
	}
	return w.member(h.Name, t)
}

// recorder keeps what is read while it is on.
type recorder struct {
	r    io.Reader
	on   bool
	kept bytes.Buffer
}

// Read reads and may keep.
func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if r.on {
		r.kept.Write(p[:n])
	}
	return n, err
}
