package links

import (
	"iter"
	"strings"
)

// maxOpen is how many quotations without an end a script may have. From then on
// each line is a statement: a search for each end would read the whole script.
const maxOpen = 8

// statements are the lines of a shell script, joined where a quotation, an
// expansion or a backslash carries on into the next: a value may have several
// lines.
func statements(script string) iter.Seq[string] {
	return func(yield func(string) bool) {
		open := 0
		for at := 0; at < len(script); {
			end, ok := at+lineLength(script[at:]), true
			if open < maxOpen {
				var n int
				if n, ok = statementEnd(script, at); ok {
					end = n
				}
			}
			// A quotation that never ends is not one: what it would swallow is more
			// than its line.
			if !ok {
				open++
			}
			if !yield(script[at:end]) {
				return
			}
			at = end
		}
	}
}

// lineLength returns the length of the first line, with its newline.
func lineLength(text string) int {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	return len(text)
}

// statementEnd returns the end of the statement that begins at an index, behind
// its newline. It returns false where a quotation in it never ends.
func statementEnd(script string, at int) (end int, ok bool) {
	s := &shell{text: script, at: at}
	for s.at < len(script) {
		if script[s.at] == '#' {
			return s.at + lineLength(script[s.at:]), true
		}
		s.out = s.out[:0]
		s.word(separators, false, 0)
		if s.open {
			return 0, false
		}
		if s.at < len(script) {
			if s.at++; script[s.at-1] == '\n' {
				break
			}
		}
	}
	return s.at, true
}
