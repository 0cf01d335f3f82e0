package links

import (
	"bytes"
	"iter"
)

// statements are the lines of a shell script, joined where a quotation or a
// backslash carries on into the next: a value may have several lines.
func statements(script []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(script) > 0 {
			n := statementLength(script)
			if !yield(script[:n]) {
				return
			}
			script = script[n:]
		}
	}
}

// statementLength returns the length of the first statement, with its newline. A
// quotation that never ends is none: what it would swallow is more than its line.
func statementLength(script []byte) int {
	var (
		quote   byte
		comment bool
		before  = byte('\n')
	)
	for i := 0; i < len(script); i++ {
		c := script[i]
		switch {
		case comment && c != '\n', quote == '\'' && c != '\'':
		case c == '\\':
			i++
		case c == quote:
			quote = 0
		case quote != 0:
		case c == '\'' || c == '"':
			quote = c
		case c == '#' && isBlank(before):
			comment = true
		case c == '\n':
			return i + 1
		}
		before = c
	}
	if end := bytes.IndexByte(script, '\n'); quote != 0 && end >= 0 {
		return end + 1
	}
	return len(script)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == ';' }
