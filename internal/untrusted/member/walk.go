package member

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// Content is the name of what has none: what a compressed file holds, as a rule,
// and what follows the end of an archive.
const Content = "content"

// Headers is the name of what stands in a tar between its members.
const Headers = "headers"

// Walk calls fn with each member of the archive that the size bytes of r are; a
// file that is none has none. A link's content is its target. Content can be
// read until fn returns; an error that fn returns ends the walk.
//
// An [*Error] says that there may be more than fn has seen; all else that could
// be seen was. It reads the formats of the standard library; members that a zip
// does not list any more are seen, too.
func Walk(ctx context.Context, r io.ReaderAt, size int64, fn func(name string, content io.Reader) error) error {
	return Options{}.Walk(ctx, r, size, fn)
}

// Walk does what [Walk] does, and reads further formats.
func (o Options) Walk(ctx context.Context, r io.ReaderAt, size int64, fn func(name string, content io.Reader) error) error {
	w := &walker{ctx: ctx, r: &source{r: r}, size: size, fn: fn, budget: budgetFor(size), options: o}
	err := w.run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case w.r.err != nil:
		return w.r.err
	case err != nil:
		return err
	}
	return w.unseen
}

// walker holds what the members of one archive share.
type walker struct {
	ctx    context.Context
	r      *source
	size   int64
	fn     func(name string, content io.Reader) error
	budget budget

	options Options
	// unseen is the first reason why not all was seen.
	unseen error
}

// run walks a file as all that it is: a zip may stand behind anything.
func (w *walker) run() error {
	head := make([]byte, min(w.size, blockSize))
	if n, err := w.r.ReadAt(head, 0); n < len(head) {
		return err
	}
	if err := w.stream(head); err != nil {
		return err
	}
	return w.zip(head)
}

// stream walks a file that is what its first bytes say.
func (w *walker) stream(head []byte) error {
	all := io.NewSectionReader(w.r, 0, w.size)
	if open := compression(head); open != nil {
		return w.compressed(open, all)
	}
	if isTar(head) {
		err := w.tar(all)
		// Whatever is damaged in it stands in the file as it is.
		w.unseen = nil
		return err
	}
	if bytes.HasPrefix(head, []byte("#!")) {
		return w.script()
	}
	_, err := w.further(head, all)
	return err
}

// member calls fn. It returns what ends the walk.
func (w *walker) member(name string, r io.Reader) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if err := w.budget.count(); err != nil {
		return err
	}
	c := &content{ctx: w.ctx, budget: &w.budget, name: name, r: r}
	err := w.fn(name, c)
	if err == nil {
		// Whether the rest can be read is of interest, too.
		_, err = io.Copy(io.Discard, c)
	}
	switch {
	case errors.Is(c.err, ErrTooLarge):
		return c.err
	case c.err != nil:
		// The others may be readable.
		w.miss(c.err)
		return nil
	}
	return err
}

// miss notes that something was not seen.
func (w *walker) miss(err error) {
	if w.unseen == nil {
		w.unseen = err
	}
}

// source remembers whether the file could be read: that it could not says
// nothing of what is in it.
type source struct {
	r   io.ReaderAt
	err error
}

// ReadAt reads as the file itself. What an archive says of where to read is no
// fault of the file's.
func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, io.EOF
	}
	n, err := s.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
