package signature

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// boundary begins the line in front of the signature.
var boundary = []byte("----SIGNED-INSTALLER")

// splitter hands the script on in the form that is signed, and keeps what stands
// behind the first boundary.
//
// OpenSSL brings a script to that form twice: when it looks for the boundary, and
// when it computes the digest. That matters for a CR in a line of more than
// maxLine bytes, which binary parts of a script have. The end of line in front of
// the boundary belongs to the boundary.
type splitter struct {
	pieces
	first  text
	second canonicalWriter
	// buffer is in front of a hash, which is slow to take single lines.
	buffer *bufio.Writer
	// trailer is nil before the boundary.
	trailer []byte
	// tooLong says that there is more of it than maxTrailer.
	tooLong bool
}

func newSplitter(out io.Writer) *splitter {
	s := &splitter{buffer: bufio.NewWriterSize(out, 64<<10)}
	s.second.out.out = s.buffer
	s.first.out = &s.second
	return s
}

// Write takes the next bytes of the script.
func (s *splitter) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 && s.trailer == nil {
		var piece []byte
		piece, b = s.next(b)
		switch {
		case piece == nil:
		case bytes.HasPrefix(piece, boundary):
			s.trailer = bytes.Clone(piece)
			if err := errors.Join(s.second.Close(), s.buffer.Flush()); err != nil {
				return 0, err
			}
		default:
			if err := s.first.write(piece); err != nil {
				return 0, err
			}
		}
	}
	s.keep(b)
	return n, nil
}

// keep takes what stands behind the boundary.
func (s *splitter) keep(b []byte) {
	if s.trailer == nil {
		return
	}
	room := min(len(b), maxTrailer-len(s.trailer))
	s.trailer = append(s.trailer, b[:room]...)
	s.tooLong = s.tooLong || room < len(b)
}
