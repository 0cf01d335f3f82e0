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
// them, by their kind, and so it does with all that looks like an API token.
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
	return hideTokens(strings.NewReplacer(pairs...).Replace(text))
}

// hideTokens replaces tokens that no value names, with all that could be a part
// of one.
func hideTokens(text string) string {
	for at := 0; ; at++ {
		next := strings.Index(text[at:], tokenPrefix)
		if next < 0 {
			return text
		}
		at += next
		if isToken([]byte(text[at:])) {
			rest := strings.TrimLeftFunc(text[at:], func(r rune) bool { return r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) })
			text = text[:at] + "<API token>" + rest
		}
	}
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
