package verify

import (
	"context"
	"fmt"
	"io"
)

// Bounds of an audit that nobody has given others.
const (
	// A small image may be looked at as long as its audit takes some seconds. A
	// large one must have been worth storing: text shrinks to a tenth, and the
	// archives in it shrink once more.
	freeBytes = 4 << 30
	maxRatio  = 50
	// defaultMaxFacts is what 200 MB of memory hold.
	defaultMaxFacts = 200_000
)

// factLength is how much text one fact covers, in bytes. A longer text counts as
// several facts.
const factLength = 128

// stepCost is what one step through a path costs, in bytes: an audit scans as
// many bytes in the same time.
const stepCost = 32

// BudgetError says that an image holds more than an audit looks at.
type BudgetError struct {
	// What is "bytes" or "facts".
	What string
	// Max is the bound, and Flag raises it.
	Max  int64
	Flag string
}

// Error says what to do.
func (e *BudgetError) Error() string {
	switch e.What {
	case "bytes":
		return fmt.Sprintf("it holds more than the %d bytes that an audit of it looks at: give %s if it is not hostile", e.Max, e.Flag)
	default:
		return fmt.Sprintf("it has more than the %d paths and texts that an audit keeps in memory: give %s if it is not hostile", e.Max, e.Flag)
	}
}

// budget is what the audit of one image may still cost: bytes stand for time,
// and facts for memory.
type budget struct {
	ctx context.Context
	// left is what may still be looked at, and most what might be in all. Earned
	// says that each stored byte adds to both.
	left, most int64
	earned     bool
	facts      int64
	maxFacts   int64
}

func newBudget(ctx context.Context, o Options) *budget {
	b := &budget{ctx: ctx, left: o.MaxBytes, most: o.MaxBytes, facts: o.MaxFacts, maxFacts: o.MaxFacts}
	if o.MaxBytes == 0 {
		b.left, b.most, b.earned = freeBytes, freeBytes, true
	}
	if o.MaxFacts == 0 {
		b.facts, b.maxFacts = defaultMaxFacts, defaultMaxFacts
	}
	return b
}

// Stored counts bytes of the image where it lies.
func (b *budget) Stored(n int) {
	if b.earned {
		b.left += maxRatio * int64(n)
		b.most += maxRatio * int64(n)
	}
}

// Unpacked counts bytes that are looked at.
func (b *budget) Unpacked(n int) error {
	if b.left -= int64(n); b.left < 0 {
		return &BudgetError{"bytes", b.most, "--max-bytes"}
	}
	return nil
}

// work counts steps that take time and look at no bytes. Every loop over what an
// image has comes by here, so that it ends with its context.
func (b *budget) work(steps int) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	return b.Unpacked(stepCost * (1 + steps))
}

// Keep counts a text that is kept in memory.
func (b *budget) Keep(text string) error { return b.keep(1 + len(text)/factLength) }

// Drop takes a text back that is no longer kept.
func (b *budget) Drop(text string) { b.drop(1 + len(text)/factLength) }

func (b *budget) keep(facts int) error {
	if b.facts -= int64(facts); b.facts < 0 {
		return &BudgetError{"facts", b.maxFacts, "--max-facts"}
	}
	return nil
}

func (b *budget) drop(facts int) { b.facts += int64(facts) }

// counted is a reader of what is looked at.
type counted struct {
	io.Reader
	budget *budget
}

// Read reads on within the budget.
func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if berr := c.budget.work(n / stepCost); berr != nil {
		return 0, berr
	}
	return n, err
}
