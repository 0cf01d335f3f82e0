package search

import (
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/scan"
)

// Part says which part of a file or of a member something was found in.
type Part string

// The parts, as reports name them. Nothing is said of content.
const (
	InContent    Part = ""
	InName       Part = "in its name"
	InTarget     Part = "in its target"
	InAttributes Part = "in its attributes"
)

// Location is a file, or a member of a file that is an archive. Its texts are for
// people: [scan.Hidden] stands for each part of a path that holds a value.
type Location struct {
	// File is the path of the file, below the root of what is searched.
	File string
	// Member names the members that lead to this one, the outermost first and
	// with [separator] between them; empty for the file itself.
	Member string
}

// separator stands between an archive and its member, as in app.jar!lib/a.jar!b.
const separator = "!"

// String is the one form in which people are shown a location.
func (l Location) String() string {
	if l.Member == "" {
		return l.File
	}
	return l.File + separator + l.Member
}

// member returns the location of a member of the archive at l. The name is one to
// show. Of a long way the end is kept.
func (l Location) member(name string) Location {
	if l.Member != "" {
		name = l.Member + separator + name
	}
	if len(name) > scan.MaxShown {
		name = scan.Hidden + name[len(name)-scan.MaxShown/2:]
	}
	return Location{File: l.File, Member: name}
}

// CleanName returns a path below the root of what is searched, without a slash in
// front: names in archives are whatever their writer wants.
func CleanName(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

// File returns the location of a file.
func (s *Search) File(name string) Location {
	return Location{File: s.Scanner.Path(CleanName(name))}
}

// Member returns the location of a member of the archive at a location. Without a
// name it is the archive's own.
func (s *Search) Member(archive Location, name string) Location {
	if name == "" {
		return archive
	}
	return archive.member(s.Scanner.Path(CleanName(name)))
}
