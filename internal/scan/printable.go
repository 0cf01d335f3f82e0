package scan

import (
	"strings"
	"unicode"
)

// Printable replaces characters that would move a terminal's cursor or begin a
// line of their own. Foreign text must not look like ours.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
