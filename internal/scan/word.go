package scan

import "slices"

// words looks for short values as whole words, however the reads fall.
type words struct {
	values []Value
	// word is the one that is being read, as far as it matters.
	word   []byte
	binary bool
	found  map[Finding]bool
}

func newWords(values []Value) *words {
	return &words{values: values, found: map[Finding]bool{}}
}

func (w *words) write(text []byte) {
	for _, c := range text {
		switch {
		case isWord(c) && len(w.word) <= minFormLength:
			w.word = append(w.word, c)
		case isWord(c): // too long for any
		default:
			w.binary = w.binary || c == 0
			w.end()
		}
	}
}

func (w *words) end() {
	for _, v := range w.values {
		if string(w.word) == v.Value {
			w.found[Finding{v.Kind, "plain"}] = true
		}
	}
	w.word = w.word[:0]
}

// findings takes the text for ended; more may be written all the same.
func (w *words) findings() []Finding {
	if w.binary {
		return nil
	}
	var out []Finding
	for f := range w.found {
		out = append(out, f)
	}
	for _, v := range w.values {
		if f := (Finding{v.Kind, "plain"}); string(w.word) == v.Value && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

func isOneWord(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return true
}

func isWord(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}
