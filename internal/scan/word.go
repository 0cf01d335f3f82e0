package scan

import (
	"bytes"
	"slices"
)

// words looks for short values as whole words, however the reads fall.
type words struct {
	values []Value
	// tail is the end of what came before: a word may go on, and one that ends
	// there is whole only if none does. More says that it is not all.
	tail   []byte
	more   bool
	binary bool
	found  map[Finding]bool
}

func newWords(values []Value) *words {
	return &words{values: values, found: map[Finding]bool{}}
}

func (w *words) write(text []byte) {
	// What is no text is not searched any more.
	if w.binary = w.binary || bytes.IndexByte(text, 0) >= 0; w.binary {
		return
	}
	// With the character before the longest value.
	const keep = minFormLength + 1
	if len(w.tail) > 0 {
		w.search(append(slices.Clip(w.tail), text[:min(len(text), keep)]...), !w.more)
	}
	w.search(text, len(w.tail) == 0)
	w.more = w.more || len(w.tail)+len(text) > keep
	w.tail = append(w.tail, text[max(0, len(text)-keep):]...)
	w.tail = w.tail[max(0, len(w.tail)-keep):]
}

// search notes the words that are whole in text, whatever follows it. First says
// that nothing is before it.
func (w *words) search(text []byte, first bool) {
	for _, v := range w.values {
		if hasWord(text, []byte(v.Value), first, false) {
			w.found[Finding{v.Kind, "plain"}] = true
		}
	}
}

// findings takes the text for ended; more may be written all the same.
func (w *words) findings() []Finding {
	if w.binary {
		return nil
	}
	var out []Finding
	for _, v := range w.values {
		f := Finding{v.Kind, "plain"}
		if (w.found[f] || hasWord(w.tail, []byte(v.Value), !w.more, true)) && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// hasWord reports whether text has word with no letter or digit beside it. First
// and last say whether text's ends are such borders.
func hasWord(text, word []byte, first, last bool) bool {
	for at := 0; ; at++ {
		i := bytes.Index(text[at:], word)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(word)
		left := at > 0 && isBorder(text[at-1], word[0]) || at == 0 && first
		right := end < len(text) && isBorder(text[end], word[len(word)-1]) || end == len(text) && last
		if left && right {
			return true
		}
	}
}

// isBorder reports whether a word that begins or ends with edge does so beside c.
func isBorder(c, edge byte) bool { return !isWord(c) || !isWord(edge) }

func isWord(c byte) bool { return isDigit(c) || isLetter(c) || c == '_' }
