package archive

import (
	"context"
	"errors"
	"io"
)

// bounded keeps the list of an archive's files, which is held in memory, from
// being as large as the archive.
type bounded struct {
	r io.ReaderAt
	// left is negative where there is no bound.
	left int64
}

var errDirectory = errors.New("its list of files is larger than any agent's")

// ReadAt reads as the file itself while the bound allows it.
func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	if b.left < 0 {
		return b.r.ReadAt(p, off)
	}
	n, err := b.r.ReadAt(p, off)
	if b.left -= int64(n); b.left < 0 {
		b.left = 0
		return 0, errDirectory
	}
	return n, err
}

// interruptible ends a read when its context ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

// Read reads on where there is no reason not to.
func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// onlyWriter hides a file's ReadFrom, which would not use our buffer.
type onlyWriter struct{ io.Writer }
