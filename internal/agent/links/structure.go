package links

import (
	"slices"
	"strings"
)

// statement is a line of a shell script, or several that belong together.
type statement struct {
	words    []string
	assigned []string // by expansions in words
	// shape has each operator, and 'w' for each word.
	shape string
	// open says that a quotation or an expansion in it never ends.
	open bool
}

// parseStatement reads the words of a statement up to a comment.
func parseStatement(text string) statement {
	text = strings.TrimPrefix(text, byteOrderMark)
	s := &shell{text: text}
	var out statement
	var shape []byte
	for s.at < len(text) && text[s.at] != '#' {
		s.out = nil
		s.word(separators, false, 0)
		if len(s.out) > 0 {
			out.words = append(out.words, string(s.out))
			shape = append(shape, 'w')
		}
		if s.at < len(text) && strings.IndexByte(blanks, text[s.at]) < 0 {
			shape = append(shape, text[s.at])
		}
		s.at++
	}
	out.assigned, out.shape, out.open = s.assigned, string(shape), s.open
	return out
}

// reserved are the words that begin or end what may have other statements in it.
//
// Source: POSIX, Shell Command Language, 2.4 (reserved words).
var reserved = []string{"{", "}", "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac"}

// isWhole reports whether a script stays one without the statement: no other
// statement needs a part of it, such as the end of a loop or of a function, or
// the command that has the following lines for its input.
func (s statement) isWhole() bool {
	return !s.open && !strings.ContainsAny(s.shape, "()") && !slices.ContainsFunc(s.words, func(w string) bool {
		return slices.Contains(reserved, w) || strings.Contains(w, "<<")
	})
}

// replacement is what stands in the statement's place when it is removed.
func (s statement) replacement() string {
	if strings.Contains(s.shape, ";;") {
		return nothingInCase
	}
	return nothing
}
