package scan

import (
	"bytes"
	"slices"
	"strings"
)

// Finding is a value that was found.
type Finding struct {
	// Kind is the value's, or "API token" for one found by its form.
	Kind string
	// Form says how it was written: plain, split, JSON, hex, decimal, escaped,
	// base32, base64, base64 twice, URL-encoded, quoted-printable, HTML, UTF-16.
	Form string
}

// Scanner looks for a set of values, and for tokens by their form. It is safe
// for concurrent use.
//
// Values of less than six bytes are found in plain form only, as whole words, in
// text without NUL bytes.
type Scanner struct {
	search *search
	short  []Value
	// keep is how much of the text before a read may begin a match in it.
	keep int
}

// New returns a scanner for values and for the documented form of tokens.
func New(values []Value) *Scanner {
	patterns := tokenPatterns()
	s := &Scanner{keep: maxTokenSpan}
	for _, v := range values {
		switch {
		case v.Value == "":
		case len(v.Value) < minFormLength:
			s.short = append(s.short, v)
		default:
			patterns = append(append(patterns, forms(v)...), anchors(v)...)
		}
	}
	for _, p := range patterns {
		s.keep = max(s.keep, len(p.data), p.span)
	}
	s.search = newSearch(patterns)
	return s
}

// String returns what is found in a short text, such as a file's name.
func (s *Scanner) String(text string) []Finding {
	st := s.Stream()
	st.Write([]byte(text)) // it never fails
	return st.Findings()
}

// Stream returns a writer that scans what is written to it.
func (s *Scanner) Stream() *Stream {
	st := &Stream{scanner: s, found: map[Finding]bool{}}
	if len(s.short) > 0 {
		st.words = newWords(s.short)
	}
	return st
}

// Stream scans one text, in pieces of any size. Write never fails.
type Stream struct {
	scanner *Scanner
	// tail is the end of what came before, without the part that is too old to
	// begin a match.
	tail  []byte
	found map[Finding]bool
	words *words // nil without short values
}

// Write scans p together with the end of what came before it.
func (st *Stream) Write(p []byte) (int, error) {
	if len(st.tail) > 0 {
		// What crosses the border: the tail and as much of p as a match that
		// begins in the tail can reach.
		head := p[:min(len(p), st.scanner.keep)]
		st.scan(append(slices.Clip(st.tail), head...))
	}
	st.scan(p)
	st.remember(p)
	if st.words != nil {
		st.words.write(p)
	}
	return len(p), nil
}

// Reset forgets all that was written.
func (st *Stream) Reset() {
	st.tail = st.tail[:0]
	clear(st.found)
	if st.words != nil {
		st.words = newWords(st.scanner.short)
	}
}

// Break says that what is written next does not follow what was written before.
func (st *Stream) Break() {
	st.tail = st.tail[:0]
	if st.words != nil {
		// A border that no word goes across.
		st.words.write([]byte("\n"))
	}
}

// Overlap is how many bytes on either side of a border belong to what may lie
// across it.
func (s *Scanner) Overlap() int { return s.keep }

func (st *Stream) remember(p []byte) {
	keep := st.scanner.keep
	if len(p) >= keep {
		st.tail = append(st.tail[:0], p[len(p)-keep:]...)
		return
	}
	st.tail = append(st.tail, p...)
	if extra := len(st.tail) - keep; extra > 0 {
		st.tail = append(st.tail[:0], st.tail[extra:]...)
	}
}

// Findings returns what was found, each kind and form once, sorted.
func (st *Stream) Findings() []Finding {
	out := make([]Finding, 0, len(st.found))
	for f := range st.found {
		out = append(out, f)
	}
	if st.words != nil {
		out = append(out, st.words.findings()...)
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return strings.Compare(a.Kind+"\x00"+a.Form, b.Kind+"\x00"+b.Form)
	})
	return out
}

func (st *Stream) scan(text []byte) {
	st.scanner.search.find(text, func(p *pattern, at int) {
		if p.confirm == nil || p.confirm(text, at) {
			st.found[Finding{p.kind, p.form}] = true
		}
	})
	st.scanTokens(text)
}

func (st *Stream) scanTokens(text []byte) {
	for {
		i := bytes.Index(text, []byte(tokenPrefix))
		if i < 0 {
			return
		}
		if rest := text[i:]; isToken(rest) {
			st.found[Finding{tokenKind, "plain"}] = true
		} else if isToken(unsplit(rest[:min(len(rest), maxTokenSpan)], maxToken)) {
			st.found[Finding{tokenKind, formSplit}] = true
		}
		text = text[i+1:]
	}
}
