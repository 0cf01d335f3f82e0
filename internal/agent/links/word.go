package links

import (
	"slices"
	"strings"
)

// assignments returns what a statement of a shell script assigns, as NAME=value,
// and whether that is all that it does.
func assignments(s statement) (all []string, only bool) {
	all = slices.Concat(s.words, s.assigned)
	// The shell's way to set a variable that has no value: : "${NAME:=value}".
	return all, len(s.words) > 0 && s.words[0] == ":" && len(s.assigned) > 0
}

// setters are the commands that give variables a value.
var setters = []string{"export", "readonly", "declare", "typeset", "local"}

// statementLinks returns the links that a statement of a shell script sets, and
// whether the statement can be removed, since its first variable is one of keys.
// Another statement, such as `[ "$X" ] || DT_TENANT=abc12345`, stays in the
// script. Its links are returned all the same: a search that does not know them
// would miss them.
func statementLinks(s statement, keys map[string]Kind) (found []Link, removable bool) {
	all, only := assignments(s)
	for _, word := range all {
		key, value, _ := strings.Cut(word, "=")
		kind, ok := keys[strings.ToLower(strings.TrimSuffix(key, "+"))]
		if ok {
			found = append(found, read(kind, value)...)
		}
		removable = removable || ok && (only || isFirst(word, all))
	}
	removable = removable && s.isWhole()
	if !removable {
		found = withoutExamples(found)
	}
	return found, removable
}

// isFirst reports whether a word is the first variable of a statement.
func isFirst(word string, words []string) bool {
	if len(words) > 1 && slices.Contains(setters, words[0]) {
		words = words[1:]
		for len(words) > 1 && strings.HasPrefix(words[0], "-") {
			words = words[1:]
		}
	}
	return words[0] == word
}
