package scan

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// minHidden is the length from which a value is hidden. To hide shorter ones
// would make other words unreadable without hiding anything.
const minHidden = 4

// Hide replaces values in text, in every form in which a scanner would find
// them, by their kind.
func Hide(text string, values []Value) string {
	var all []pattern
	for _, v := range values {
		if len(v.Value) >= minHidden {
			all = append(all, pattern{kind: v.Kind, form: "plain", data: []byte(v.Value)})
			all = append(all, forms(v)...)
		}
	}
	// The longest first: it may hold a shorter one.
	slices.SortStableFunc(all, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(len(b.data), len(a.data)), cmp.Compare(a.kind, b.kind))
	})
	var pairs []string
	for _, p := range all {
		pairs = append(pairs, string(p.data), "<"+p.kind+">")
	}
	// In one go, so that no replacement is searched again.
	return strings.NewReplacer(pairs...).Replace(text)
}

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
