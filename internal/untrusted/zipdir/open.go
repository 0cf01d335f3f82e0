package zipdir

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
)

// ErrNone says that a file is no zip, or a damaged one.
var ErrNone = errors.New("no valid zip")

// ErrTooLarge says that a zip lists more than was allowed for.
var ErrTooLarge = errors.New("the zip's list of files is too large")

// Limit bounds the list of a zip's files, which is held in memory.
type Limit struct {
	Entries int
	// Bytes are those that the list has in the zip.
	Bytes int64
}

// Open returns the files of the zip that the size bytes of r end with; anything
// may stand before it.
func Open(r io.ReaderAt, size int64, limit Limit) (*zip.Reader, error) {
	end, err := findEnd(r, size)
	if err != nil {
		return nil, err
	}
	// What a zip says of itself is not to be trusted, but it is known before
	// any memory is spent.
	if end.entries > uint64(limit.Entries) || end.bytes > uint64(limit.Bytes) {
		if !end.leads(r) {
			return nil, ErrNone
		}
		return nil, fmt.Errorf("%w: %d entries in %d bytes", ErrTooLarge, end.entries, end.bytes)
	}
	in := &bounded{r: r, left: limit.Bytes + overhead}
	z, err := zip.NewReader(in, size)
	switch {
	case errors.Is(err, ErrTooLarge):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	case len(z.File) > limit.Entries:
		return nil, fmt.Errorf("%w: %d entries", ErrTooLarge, len(z.File))
	}
	in.left = unlimited
	if err := checkApart(z, size); err != nil {
		return nil, err
	}
	return z, nil
}

const (
	// overhead is what is read beside the list at most, to find it.
	overhead  = 256 << 10
	unlimited = -1
)

// bounded ends a reading that becomes too long.
type bounded struct {
	r    io.ReaderAt
	left int64
}

// ReadAt reads as the file itself while the bound allows it.
func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.r.ReadAt(p, off)
	if b.left == unlimited {
		return n, err
	}
	if int64(n) > b.left {
		b.left = 0
		return 0, ErrTooLarge
	}
	b.left -= int64(n)
	return n, err
}
