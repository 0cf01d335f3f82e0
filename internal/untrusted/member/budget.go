package member

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Bounds of one archive. The largest documented agent has 1.2 GB in all.
const (
	maxEntries = 200_000
	maxBytes   = 4 << 30
	// maxRatio is how many times larger than the archive its members may be,
	// beyond what any may have: text shrinks to a tenth, nothing to a thousandth.
	maxRatio  = 200
	freeBytes = 64 << 20
)

// budget is what may still be unpacked.
type budget struct {
	entries     int
	bytes, from int64
}

func budgetFor(size int64) budget {
	bytes := int64(maxBytes)
	if size < (maxBytes-freeBytes)/maxRatio {
		bytes = freeBytes + maxRatio*size
	}
	return budget{maxEntries, bytes, bytes}
}

// count takes one member off the budget.
func (b *budget) count() error {
	if b.entries--; b.entries < 0 {
		return &Error{Reason: ErrTooLarge, Detail: fmt.Sprintf("more than %d files", maxEntries)}
	}
	return nil
}

// spend takes bytes of a member off the budget.
func (b *budget) spend(member string, n int) error {
	if b.bytes -= int64(n); b.bytes < 0 {
		return b.exceeded(member)
	}
	return nil
}

func (b *budget) exceeded(member string) error {
	return &Error{Member: member, Reason: ErrTooLarge, Detail: fmt.Sprintf("more than %d MB", b.from>>20)}
}

// content is a member's, as fn reads it: counted, and with errors that say what
// is wrong with the archive.
type content struct {
	ctx    context.Context
	budget *budget
	name   string
	r      io.Reader
	// err is what was wrong with the archive, if anything.
	err error
}

// Read reads on where there is no reason not to.
func (c *content) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	if serr := c.budget.spend(c.name, n); serr != nil {
		c.err = serr
		return 0, c.err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = explain(c.name, err)
		return n, c.err
	}
	return n, err
}
