package member

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// Content is the name of what has none: what a compressed file holds, as a rule,
// and what stands in an archive beside its members.
const Content = "content"

// Walk calls fn with each member of the archive that the size bytes of r are; a
// file that is none has none. A link's content is its target. Content can be
// read until fn returns; an error that fn returns ends the walk.
//
// An [*Error] says that there may be more than fn has seen; all else that could
// be seen was. With what stands in r as it is, nothing else goes unseen but
// deleted files of a zip.
func Walk(ctx context.Context, r io.ReaderAt, size int64, fn func(name string, content io.Reader) error) error {
	w := &walker{ctx: ctx, r: &source{r: r}, size: size, fn: fn, budget: budgetFor(size)}
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
	return nil
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
