package search

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/member"
)

// Search is one search through many files. It is for one goroutine.
type Search struct {
	Scanner *scan.Scanner
	// Found is called once for each part of a file or member that holds values.
	Found func(at Location, in Part, found []scan.Finding)
	// Unseen is called with each archive of which not all was seen. An error ends
	// the search.
	Unseen func(archive Location, err *member.Error) error
	// Archives says which formats are looked into, and what that may take.
	Archives member.Options
	// Read scans the content of a member, reports it to [Search.Content], and
	// returns what is to be looked into as an archive in turn, or nil. Without
	// Read, members are scanned and not looked into.
	Read func(m Member) (again *io.SectionReader, err error)
}

// Entry is what a file consists of apart from its content.
type Entry struct {
	// Name is the path below the root of what is searched.
	Name string
	// Target is what a link leads to.
	Target string
	// Attributes are names and values of extended attributes, and what else a
	// header says of a file.
	Attributes []string
}

// Member is a member of an archive.
type Member struct {
	Location
	// Name is as the archive has it; [Location.Member] is for people.
	Name string
	// Depth counts the archives that the member lies in, from 1.
	Depth int
	// Content can be read until [Search.Read] returns.
	Content io.Reader
}

// Entry looks at a file's name, target and attributes.
func (s *Search) Entry(e Entry) {
	at := func() Location { return s.File(e.Name) }
	s.text(at, InName, e.Name)
	s.text(at, InTarget, e.Target)
	for _, text := range e.Attributes {
		s.text(at, InAttributes, text)
	}
}

// text looks at a short text. The location is made only for what is found.
func (s *Search) text(at func() Location, in Part, text string) {
	if text == "" {
		return
	}
	if found := s.Scanner.String(text); len(found) > 0 {
		s.Found(at(), in, found)
	}
}

// Content reports what was found in the content of a file or member.
func (s *Search) Content(at Location, found []scan.Finding) {
	if len(found) > 0 {
		s.Found(at, InContent, found)
	}
}

// Archive looks into the file at a location if it is an archive, and into those
// of its members that [Search.Read] returns.
func (s *Search) Archive(ctx context.Context, at Location, r io.ReaderAt, size int64) error {
	return s.archive(ctx, at, r, size, 1)
}

func (s *Search) archive(ctx context.Context, at Location, r io.ReaderAt, size int64, depth int) error {
	err := s.Archives.Walk(ctx, r, size, func(name string, content io.Reader) error {
		m := Member{Location: s.Member(at, name), Name: name, Depth: depth, Content: content}
		s.text(func() Location { return m.Location }, InName, name)
		again, err := s.read(m)
		if err != nil || again == nil {
			return err
		}
		return s.archive(ctx, m.Location, again, again.Size(), depth+1)
	})
	var partly *member.Error
	if errors.As(err, &partly) {
		return s.Unseen(at, partly)
	}
	return err
}

func (s *Search) read(m Member) (*io.SectionReader, error) {
	if s.Read != nil {
		return s.Read(m)
	}
	stream := s.Scanner.Stream()
	_, err := io.Copy(stream, m.Content)
	s.Content(m.Location, stream.Findings())
	return nil, err
}

// Members does what [Search.Archive] does with a file whose content was scanned.
// It reports what was found there, unless it is found in a member, which says
// more.
func (s *Search) Members(ctx context.Context, at Location, r io.ReaderAt, size int64, outer []scan.Finding) error {
	inner := *s
	inner.Found = func(at Location, in Part, found []scan.Finding) {
		s.Found(at, in, found)
		if in == InContent {
			outer = slices.DeleteFunc(outer, func(f scan.Finding) bool { return slices.Contains(found, f) })
		}
	}
	err := inner.Archive(ctx, at, r, size)
	s.Content(at, outer)
	return err
}
