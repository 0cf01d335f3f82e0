package installer

import (
	"bytes"
	"sync/atomic"
)

// tailBuffer keeps the last bytes that were written to it.
type tailBuffer struct {
	buf bytes.Buffer
	max int
	cut bool
	// written counts all bytes, for whoever looks meanwhile.
	written atomic.Int64
}

// Write never fails.
func (b *tailBuffer) Write(p []byte) (int, error) {
	b.written.Add(int64(len(p)))
	b.buf.Write(p)
	if extra := b.buf.Len() - b.max; extra > 0 {
		b.buf.Next(extra)
		b.cut = true
	}
	return len(p), nil
}

// String returns whole lines: the rest of one that was cut may be the half of a
// secret, which nobody would find in it.
func (b *tailBuffer) String() string {
	if !b.cut {
		return b.buf.String()
	}
	_, lines, _ := bytes.Cut(b.buf.Bytes(), []byte("\n"))
	return string(lines)
}
