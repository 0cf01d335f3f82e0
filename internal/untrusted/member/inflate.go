package member

import (
	"bufio"
	"compress/flate"
	"io"
)

// inflated reads a stream of DEFLATE and knows where the stream ends, which is
// before the end of what it is read from if more is claimed for it.
type inflated struct {
	io.ReadCloser
	in    *bufio.Reader
	taken int64 // bytes that in has read
	ended bool
}

// inflate returns a reader of the stream that r begins with.
func inflate(r io.Reader) *inflated {
	i := &inflated{}
	i.in = bufio.NewReader(&counted{r: r, n: &i.taken})
	// It reads no byte behind the end of the stream, as in is an io.ByteReader.
	i.ReadCloser = flate.NewReader(i.in)
	return i
}

// Read reads what the stream holds.
func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.ReadCloser.Read(p)
	i.ended = i.ended || err != nil
	return n, err
}

// unread returns how many of the claimed bytes stand behind the stream: 0 if the
// stream has not been read to its end.
func (i *inflated) unread(claimed uint64) int64 {
	if !i.ended {
		return 0
	}
	return int64(claimed) - i.taken + int64(i.in.Buffered())
}

type counted struct {
	r io.Reader
	n *int64
}

// Read counts what it reads.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}
