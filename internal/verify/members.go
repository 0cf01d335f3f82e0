package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/org/dt-frontend/internal/agent/links"
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

// opened says which archive is looked into.
type opened struct {
	// path is the file's, and inside names the members that lead to the archive.
	path, inside string
	depth        int
}

// member returns the place of a member, given the name to show.
func (o opened) member(name string) opened {
	if o.inside != "" {
		name = o.inside + "!" + name
	}
	if len(name) > maxShown {
		name = hidden + name[len(name)-maxShown/2:]
	}
	return opened{o.path, name, o.depth + 1}
}

// String is for people.
func (o opened) String() string {
	if o.inside == "" {
		return o.path
	}
	return o.path + "!" + o.inside
}

// archive looks into a file that may be an archive, and into archives in it.
func (v *visitor) archive(at opened, f *file) error {
	if at.depth >= maxDepth {
		if isArchive(f) {
			v.unseen(at.String(), fmt.Sprintf("it lies in more than %d archives", maxDepth-1))
		}
		return nil
	}
	o := member.Options{Formats: v.formats, Memory: &v.windows, Spend: v.budget.Unpacked}
	err := o.Walk(v.ctx, f.kept, f.size, func(name string, content io.Reader) error {
		return v.member(at, name, content)
	})
	var partly *member.Error
	if errors.As(err, &partly) {
		v.unseen(at.String(), partly.Error())
		return nil
	}
	return err
}

// member looks at a member of an archive. The budget ends the audit; a bound of
// the archive's own only ends the look into it.
func (v *visitor) member(at opened, name string, content io.Reader) error {
	if err := v.budget.work(0); err != nil {
		return err
	}
	in := at.member(v.shown(cleanName(name)))
	where := Leak{Path: in.path, Inside: in.inside}
	for _, hit := range v.scanner.String(name) {
		l := where
		l.Where, l.Kind, l.Form = "in its name", hit.Kind, hit.Form
		v.found(l)
	}
	s, err := v.nested(at.depth)
	if err != nil {
		return err
	}
	f, err := s.read(name, counted{content, v.budget}, v.scanner.Stream())
	if err != nil {
		return err
	}
	v.content(where, f.found)
	if f.small != nil && len(f.small) <= links.MaxFile && isAgentFile(name) {
		if err := v.structure(where, cleanName(name), f.small); err != nil {
			return err
		}
	}
	if f.tooLarge {
		v.unseen(in.String(), member.ErrTooLarge.Error())
	}
	// A tar's headers look like a tar.
	if f.kept == nil || f.size == 0 || name == member.Headers {
		return nil
	}
	return v.archive(in, f)
}

// nested returns what keeps the members of archives at a depth.
func (v *visitor) nested(depth int) (*spool, error) {
	for len(v.spools) <= depth {
		s, err := newSpool(v.options.Temp, nestedInMemory)
		if err != nil {
			return nil, err
		}
		v.spools = append(v.spools, s)
	}
	return v.spools[depth], nil
}

// isArchive reports whether a file claims to be one.
func isArchive(f *file) bool {
	head := make([]byte, headLength)
	n, _ := f.kept.ReadAt(head, 0) // it is looked at before
	return !bytes.HasPrefix(head, []byte("#!")) && looksPacked(head[:n]) || format.Is(head[:n])
}
