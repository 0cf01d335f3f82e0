package verify

import (
	"bytes"
	"fmt"
	"io"

	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/scan/search"
	"github.com/org/dt-frontend/internal/untrusted/format"
	"github.com/org/dt-frontend/internal/untrusted/member"
)

const (
	// maxDepth bounds how many archives lie within one another.
	maxDepth = 8
	// maxWindows is what all decompression of files takes, in bytes: as much as
	// the highest level of xz.
	maxWindows = 66 << 20
)

// archive looks into a file that may be an archive, and into archives in it.
func (v *visitor) archive(at search.Location, f *file) error {
	return v.search.Archive(v.ctx, at, f.kept, f.size)
}

// member looks at a member of an archive. The budget ends the audit; a bound of
// the archive's own only ends the look into it.
func (v *visitor) member(m search.Member) (again *io.SectionReader, err error) {
	if err := v.budget.work(0); err != nil {
		return nil, err
	}
	s, err := v.nested(m.Depth)
	if err != nil {
		return nil, err
	}
	f, err := s.read(m.Name, counted{m.Content, v.budget}, v.scanner.Stream())
	if err != nil {
		return nil, err
	}
	v.search.Content(m.Location, f.found)
	if f.small != nil && len(f.small) <= links.MaxFile && isAgentFile(m.Name) {
		if err := v.structure(leakAt(m.Location), search.CleanName(m.Name), f.small); err != nil {
			return nil, err
		}
	}
	if f.tooLarge {
		v.unseen(m.Location, member.ErrTooLarge.Error())
	}
	// A tar's headers look like a tar.
	if f.kept == nil || f.size == 0 || m.Name == member.Headers {
		return nil, nil
	}
	if m.Depth >= maxDepth {
		if isArchive(f) {
			v.unseen(m.Location, fmt.Sprintf("it lies in more than %d archives", maxDepth-1))
		}
		return nil, nil
	}
	return io.NewSectionReader(f.kept, 0, f.size), nil
}

// nested returns what keeps the members of archives at a depth, from 1.
func (v *visitor) nested(depth int) (*spool, error) {
	for len(v.spools) < depth {
		s, err := newSpool(v.options.Temp, nestedInMemory)
		if err != nil {
			return nil, err
		}
		v.spools = append(v.spools, s)
	}
	return v.spools[depth-1], nil
}

// isArchive reports whether a file claims to be one.
func isArchive(f *file) bool {
	head := make([]byte, headLength)
	n, _ := f.kept.ReadAt(head, 0) // it is looked at before
	return !bytes.HasPrefix(head, []byte("#!")) && looksPacked(head[:n]) || format.Is(head[:n])
}
