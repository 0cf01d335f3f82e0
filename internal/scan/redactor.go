package scan

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Hidden stands in a path, or in place of a name, where a value stood. Whoever
// reads it is told next to it what was found.
const Hidden = "…"

// Placeholder stands in a text where a value stood. What is the name of the
// variable or secret that holds the value, or the value's kind.
func Placeholder(what string) string { return "<" + what + ">" }

// Redactor hides values in texts for people, and everything that looks like an
// API token. The zero Redactor knows no value. It is safe for concurrent use.
type Redactor struct {
	mu    sync.RWMutex
	known []secretText
}

// NewRedactor returns a redactor of values, which are replaced by their kind.
func NewRedactor(values ...Value) *Redactor {
	r := &Redactor{}
	r.Add(values...)
	return r
}

// Add has values hidden, in the forms in which programs write a text: plain, in
// upper and lower case, and as JSON, hex, URL-encoded, base64 and UTF-16. Of less
// than six bytes only the value itself is hidden, and of less than four bytes only
// as a whole word, since other words would become unreadable. An empty value is
// ignored. A value that is added twice keeps its first name.
func (r *Redactor) Add(values ...Value) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range values {
		r.known = append(r.known, secretTexts(v)...)
	}
}

// AddURL has a URL hidden, and those parts of it that identify somebody: its
// host, its user and its password. What names the URL.
func (r *Redactor) AddURL(what, raw string) {
	r.Add(Value{Kind: what, Value: raw})
	u, err := url.Parse(raw)
	if err != nil {
		return
	}
	r.Add(Value{Kind: "host of " + what, Value: u.Host}, Value{Kind: "host of " + what, Value: u.Hostname()})
	r.AddUser(what, u)
}

// AddUser has the user and the password of a URL hidden, and not its host.
func (r *Redactor) AddUser(what string, u *url.URL) {
	password, _ := u.User.Password()
	r.Add(Value{Kind: "user of " + what, Value: u.User.String()}, Value{Kind: "password of " + what, Value: password})
}

// Text returns text with a [Placeholder] for each value. Where two values
// overlap, both are hidden to their ends.
func (r *Redactor) Text(text string) string {
	var out strings.Builder
	done := 0
	for _, g := range groups(r.find(text)) {
		out.WriteString(text[done:g.from])
		for _, what := range g.names() {
			out.WriteString(Placeholder(what))
		}
		done = g.to
	}
	return out.String() + text[done:]
}

// Line is Text for a text of somebody else, as one line for a log or a terminal.
// Characters that are not printable are removed before values are looked for: a
// value must not come together by what is done after that.
func (r *Redactor) Line(text string) string {
	return r.Text(strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t':
			return ' '
		case !unicode.IsPrint(c), c == unicode.ReplacementChar:
			return -1
		}
		return c
	}, text))
}

// secretText is a value in one form.
type secretText struct {
	what, text string
	// fold says that the case of letters does not matter; then text is in lower
	// case. Word says that letters and digits next to text make it another word.
	fold, word bool
}

// minHidden is the length from which a value is hidden as a part of a word, in
// bytes.
const minHidden = 4

func secretTexts(v Value) []secretText {
	if v.Value == "" {
		return nil
	}
	if len(v.Value) < minFormLength {
		return []secretText{{what: v.Kind, text: v.Value, word: len(v.Value) < minHidden}}
	}
	var out []secretText
	for _, p := range forms(v) {
		s := secretText{what: v.Kind, text: string(p.data), fold: p.form != "base64"}
		if s.fold {
			s.text = lower(s.text)
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// find returns what is to be hidden, in the order of the text. Of what begins at
// one place the longest comes first, and then what was added first.
func (r *Redactor) find(text string) []span {
	folded := lower(text)
	var spans []span
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, s := range r.known {
		in := text
		if s.fold {
			in = folded
		}
		for at := 0; ; at++ {
			next := strings.Index(in[at:], s.text)
			if next < 0 {
				break
			}
			at += next
			if end := at + len(s.text); !s.word || isWhole(in, at, end) {
				spans = append(spans, span{at, end, s.what, true})
			}
		}
	}
	spans = append(spans, tokens(folded)...)
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	return spans
}

// isWhole reports whether no word goes on across either end of a part of text.
func isWhole(text string, from, to int) bool {
	return (from == 0 || isBorder(text[from-1], text[from])) && (to == len(text) || isBorder(text[to], text[to-1]))
}

// tokens finds what looks like an API token, even where it is not one: a text for
// people loses little by that. The text is in lower case.
func tokens(text string) []span {
	var out []span
	for at := 0; ; {
		next := strings.Index(text[at:], tokenPrefix)
		if next < 0 {
			return out
		}
		from := at + next
		at = from + len(tokenPrefix)
		rest := strings.TrimLeftFunc(text[at:], ofToken)
		end := len(text) - len(rest)
		if _, part, ok := strings.Cut(text[at:end], "."); ok && strings.Trim(part, ".") != "" {
			out = append(out, span{from, end, tokenKind, false})
			at = end
		}
	}
}

func ofToken(r rune) bool {
	return strings.ContainsRune("._-", r) || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// lower is [strings.ToLower] of ASCII alone, which keeps every index.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
