package installer

import "bytes"

// tailBuffer keeps the last bytes that were written to it.
type tailBuffer struct {
	buf bytes.Buffer
	max int
}

// Write never fails.
func (b *tailBuffer) Write(p []byte) (int, error) {
	b.buf.Write(p)
	if extra := b.buf.Len() - b.max; extra > 0 {
		b.buf.Next(extra)
	}
	return len(p), nil
}

func (b *tailBuffer) String() string { return b.buf.String() }
