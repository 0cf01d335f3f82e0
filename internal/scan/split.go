package scan

import "bytes"

const (
	// anchorLength is how much of a value is searched where its rest is compared
	// by rules. Its window in the search is no longer.
	anchorLength = 8
	// maxBreak bounds one break in a value, in bytes.
	maxBreak = 40
	// maxSpan bounds what a value takes in a form with something between its
	// characters, in bytes.
	maxSpan = 4 << 10
)

// formSplit is a value that goes on in the next line, or in another text of a
// program.
const formSplit = "split"

// split returns patterns of a value with breaks in it: its beginning and its end
// are searched, and one of them has no break.
func split(kind, value string) []pattern {
	if len(value) < 2*anchorLength {
		return nil
	}
	whole := []byte(value)
	span := spanOf(len(value))
	return []pattern{
		{kind: kind, form: formSplit, data: whole[:anchorLength], span: span, confirm: func(text []byte, at int) bool {
			return hasSplit(text[at:min(len(text), at+span)], whole)
		}},
		{kind: kind, form: formSplit, data: whole[len(whole)-anchorLength:], span: span, confirm: func(text []byte, at int) bool {
			end := at + anchorLength
			for from := at - 1; from >= max(0, end-span); from-- {
				if text[from] == whole[0] && hasSplit(text[from:min(len(text), from+span)], whole) {
					return true
				}
			}
			return false
		}},
	}
}

// spanOf is what a value of a length may take, in bytes.
func spanOf(length int) int { return min(8*length+2*maxBreak, maxSpan) }

// hasSplit reports whether text begins with a value that has a break in it.
func hasSplit(text, value []byte) bool {
	breaks := 0
	for _, c := range value {
		if len(text) == 0 {
			return false
		}
		if text[0] != c {
			n := lineBreak(text)
			if n == 0 || n >= len(text) || text[n] != c {
				return false
			}
			breaks++
			text = text[n:]
		}
		text = text[1:]
	}
	return breaks > 0
}

// unsplit returns text without its breaks, up to so many bytes.
func unsplit(text []byte, limit int) []byte {
	out := make([]byte, 0, limit)
	for len(text) > 0 && len(out) < limit {
		if n := lineBreak(text); n > 0 {
			text = text[n:]
			continue
		}
		out, text = append(out, text[0]), text[1:]
	}
	return out
}

// lineBreak returns the length of the break that text begins with, or zero: the
// end of a line and the beginning of the next one, with what continues a line in
// a shell, in quoted-printable and in comments; or the end of one text of a
// program and the beginning of another.
func lineBreak(text []byte) int {
	text = text[:min(len(text), maxBreak)]
	switch c := text[0]; c {
	case '\r', '\n':
		return newLine(text)
	case '\\', '=':
		if bytes.HasPrefix(text[1:], []byte("n")) && c == '\\' {
			// As programs write it.
			return 2
		}
		if n := newLine(text[1:]); n > 0 {
			return 1 + n
		}
	case '"', '\'', '`':
		rest := bytes.TrimLeft(text[1:], " \t\r\n\\+.&,")
		if len(rest) > 0 && len(rest) < len(text)-1 && (rest[0] == '"' || rest[0] == '\'' || rest[0] == '`') {
			return len(text) - len(rest) + 1
		}
		if len(text) > 1 && text[1] == c {
			return 2
		}
	}
	return 0
}

// newLine returns the length of the ends of lines that text begins with, and of
// what the next line may begin with.
func newLine(text []byte) int {
	rest := bytes.TrimLeft(text, "\r\n")
	if len(rest) == len(text) {
		return 0
	}
	return len(text) - len(bytes.TrimLeft(rest, " \t\r\n#>*|"))
}
