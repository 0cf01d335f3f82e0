package moduleconfig

import (
	"bytes"
	"fmt"
	"strings"
)

// File is the agent's configuration, relative to the agent's folder.
const File = "agent/conf/ruxitagentproc.conf"

// mark is the first line of a file that was merged.
const mark = "# A merge of the installer's settings and the environment's process-module configuration, which wins."

// IsMerge reports whether the text of an agent's configuration is a merge.
func IsMerge(text []byte) bool {
	return string(text) == mark || bytes.HasPrefix(text, []byte(mark+"\n"))
}

// blanks are what lines are trimmed of. Others of Unicode's spaces are a
// value's own.
const blanks = " \t\r"

// file is a configuration: lines of a key and its value, in sections. Comments
// belong to the line that follows them.
type file struct {
	// head are the comments at the top.
	head []string
	// sections are by name. The one without a name holds what stands before
	// all others.
	sections map[string]*section
	// tail are the comments at the end.
	tail []string
}

type section struct {
	comments []string
	settings map[string]setting
}

type setting struct {
	comments []string
	value    string
}

// parse reads a configuration. Of a key that is there twice the last one counts,
// as for the vendor's own tools.
func parse(text []byte) (*file, error) {
	f := &file{sections: map[string]*section{}}
	in := f.section("")
	var comments []string
	top := true
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		n++
		line = strings.Trim(line, blanks+"\n")
		switch {
		case line == "" || line == mark:
			continue
		case line[0] == '#' || line[0] == ';':
			comments = append(comments, line)
			continue
		}
		if top {
			f.head, comments, top = comments, nil, false
		}
		if line[0] == '[' {
			name, ok := sectionName(line)
			if !ok {
				return nil, fmt.Errorf("line %d is no section", n)
			}
			in = f.section(name)
			in.comments = append(in.comments, comments...)
		} else {
			in.add(line, comments)
		}
		comments = nil
	}
	f.tail = comments
	return f, nil
}

// sectionName reads [name].
func sectionName(line string) (string, bool) {
	name, rest, ok := strings.Cut(line[1:], "]")
	return name, ok && rest == "" && name != ""
}

// section returns the section of a name, which may be new.
func (f *file) section(name string) *section {
	s := f.sections[name]
	if s == nil {
		s = &section{settings: map[string]setting{}}
		f.sections[name] = s
	}
	return s
}

// add reads a line of a key and its value, which may hold blanks itself.
func (s *section) add(line string, comments []string) {
	key, value := line, ""
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		key, value = line[:i], strings.Trim(line[i:], blanks)
	}
	s.settings[key] = setting{append(s.settings[key].comments, comments...), value}
}
