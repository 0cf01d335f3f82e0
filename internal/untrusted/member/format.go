package member

import (
	"bufio"
	"bytes"
	"io"
)

// Format is a further form of archives or compressed files. This package reads
// those of the standard library by itself: programs that run in builds link
// nothing more.
//
// At most one of Open and Members is set. With neither, files of the format
// cannot be looked into, which [Options.Walk] reports.
type Format struct {
	// Name is for people.
	Name string
	// Is reports whether a file that begins with head is of the format.
	Is func(head []byte) bool
	// Open opens a compressed file, and returns how much memory that takes. It
	// must not take more than limit.
	Open func(in *bufio.Reader, limit int64) (r io.ReadCloser, memory int64, err error)
	// Members calls fn with each member of an archive.
	Members func(a *Archive) error
}

// Archive is one that a [Format] walks.
type Archive struct {
	io.ReaderAt
	Size int64
	// Member shows a member. It returns what ends the walk.
	Member func(name string, content io.Reader) error
	// Spend counts bytes that take time and that nobody is shown. It returns what
	// ends the walk.
	Spend func(bytes int) error
}

// Options say how to look into an archive.
type Options struct {
	Formats []Format
	// Memory is what may be used for decompressing in further formats, in bytes.
	// Archives within one another share it.
	Memory *int64
	// Spend is told of bytes that take time and that nobody is shown; nil for
	// nobody. An error ends the walk.
	Spend func(bytes int) error
}

// further walks a file of a further format. It reports whether the file is of
// one.
func (w *walker) further(head []byte, all *io.SectionReader) (bool, error) {
	for _, f := range w.options.Formats {
		if !f.Is(head) {
			continue
		}
		switch {
		case f.Open != nil:
			return true, w.open(f, all)
		case f.Members != nil:
			return true, w.members(f)
		}
		w.miss(&Error{Reason: ErrUnknownFormat, Detail: f.Name})
		return true, nil
	}
	return false, nil
}

// spend counts bytes that nobody is shown.
func (w *walker) spend(bytes int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if w.options.Spend != nil {
		if err := w.options.Spend(bytes); err != nil {
			return err
		}
	}
	return w.budget.spend("", bytes)
}

// open walks a compressed file, which may be a tar.
func (w *walker) open(f Format, file io.Reader) error {
	left := w.options.Memory
	r, memory, err := f.Open(bufio.NewReader(file), *left)
	if err != nil {
		w.miss(explain("", err))
		return nil
	}
	*left -= memory
	defer func() { *left += memory }()
	defer r.Close()
	return w.compressed(func(*bufio.Reader) (io.Reader, string, error) { return r, "", nil }, bytes.NewReader(nil))
}

// members walks an archive.
func (w *walker) members(f Format) error {
	var ended error
	err := f.Members(&Archive{
		ReaderAt: w.r, Size: w.size,
		Member: func(name string, content io.Reader) error {
			ended = w.member(name, content)
			return ended
		},
		Spend: func(bytes int) error {
			ended = w.spend(bytes)
			return ended
		},
	})
	if ended != nil {
		return ended
	}
	if err != nil {
		w.miss(explain("", err))
	}
	return nil
}
