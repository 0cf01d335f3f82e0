package verify

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/scan"
)

const (
	// maxNesting bounds how deep objects and lists lie in one another.
	maxNesting = 100
	// maxEncoded bounds how often a text of base64 may hold such a text: a
	// signed statement holds the statement, which holds a Dockerfile.
	maxEncoded = 3
	// minEncoded is the length from which a text may be base64, in bytes.
	minEncoded = 12
)

// jsonWalk looks at every text of a document of JSON. It reads tokens, not
// values: of two members of one name a reader of values sees one.
type jsonWalk struct {
	*audit
	found func(path, kind, form string)
	// err is what ended the whole audit.
	err error
}

// walk looks at one document, below a position. It returns false for a text that is
// not JSON to its end.
func (w *jsonWalk) walk(r io.Reader, below position) (bool, error) {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	if err := w.value(dec, &below); err != nil {
		return false, w.err
	}
	_, err := dec.Token()
	return errors.Is(err, io.EOF), w.err
}

// position is where in a document a value stands. Its path is made only for what is
// found: a document may have a million members, each below long names.
type position struct {
	above *position
	// key is the name of a member. An item of a list has an index instead.
	key    string
	index  int
	isItem bool
	// variable is the one that the last member is named after: as a label is, or
	// what a builder records of a build arg.
	variable string

	depth   int
	encoded int
}

func (p *position) member(key string) *position {
	variable := key[strings.LastIndexByte(key, ':')+1:]
	return &position{above: p, key: key, variable: variable, depth: p.depth + 1, encoded: p.encoded}
}

// item is the first item of a list; its index counts on.
func (p *position) item() *position {
	return &position{above: p, isItem: true, variable: p.variable, depth: p.depth + 1, encoded: p.encoded}
}

// path returns a position for people: its end, if it is long.
func (w *jsonWalk) path(p *position) string {
	out := ""
	for ; p != nil && p.above != nil; p = p.above {
		if len(out) > scan.MaxShown {
			return scan.Hidden + strings.TrimPrefix(out, ".")
		}
		if p.isItem {
			out = fmt.Sprintf("[%d]%s", p.index, out)
		} else {
			out = "." + w.audit.text(p.key) + out
		}
	}
	return strings.TrimPrefix(out, ".")
}

// tokenSteps is what one token costs, in steps.
const tokenSteps = 3

var errNesting = errors.New("nested too deep")

// value looks at the next value.
func (w *jsonWalk) value(dec *json.Decoder, at *position) error {
	if w.err = w.budget.work(tokenSteps); w.err != nil {
		return w.err
	}
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if at.depth > maxNesting {
		return errNesting
	}
	switch tok := tok.(type) {
	case string:
		return w.text(tok, at)
	case json.Number:
		return w.text(tok.String(), at)
	case json.Delim:
		if tok == '{' {
			return w.object(dec, at)
		}
		return w.list(dec, at)
	}
	return nil
}

func (w *jsonWalk) object(dec *json.Decoder, at *position) error {
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := tok.(string)
		if !ok {
			return errors.New("a member without a name")
		}
		in := at.member(key)
		for _, f := range w.scanner.String(key) {
			w.found(w.path(in), f.Kind, f.Form)
		}
		if err := w.value(dec, in); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func (w *jsonWalk) list(dec *json.Decoder, at *position) error {
	for in := at.item(); dec.More(); in.index++ {
		if err := w.value(dec, in); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// text looks at one text: for values, for variables that it gives a value to,
// and at what it holds if it is base64. An error ends the audit.
func (w *jsonWalk) text(s string, at *position) error {
	if w.err = w.budget.Unpacked(len(s)); w.err != nil {
		return w.err
	}
	kinds := map[string]bool{}
	say := func(path, kind, form string) {
		if !kinds[kind] {
			w.found(path, kind, form)
		}
	}
	found := w.scanner.String(s)
	for _, f := range found {
		w.found(w.path(at), f.Kind, f.Form)
	}
	for _, f := range found {
		kinds[f.Kind] = true
	}
	if kind, ok := links.Variables[at.variable]; ok && len(links.Given(kind, s)) > 0 {
		say(w.path(at), string(kind), "plain")
	}
	for _, as := range links.Assignments(s) {
		say(w.path(at)+": "+as.Variable, string(as.Kind), "plain")
	}
	return w.encoded(s, at)
}

// encoded looks into base64, as which a builder records a Dockerfile.
func (w *jsonWalk) encoded(s string, at *position) error {
	if at.encoded >= maxEncoded || len(s) < minEncoded {
		return nil
	}
	dt, err := decodeBase64(s)
	if err != nil {
		return nil
	}
	inner := &jsonWalk{audit: w.audit, found: func(path, kind, form string) {
		if form == "plain" {
			form = "base64"
		}
		w.found(path, kind, form)
	}}
	below := *at
	below.encoded++
	below.depth = 0
	if dt[0] == '{' {
		ok, err := inner.walk(strings.NewReader(dt), below)
		if w.err = err; ok || err != nil {
			return err
		}
	}
	// A value in base64 is not what its key says.
	below.variable = ""
	w.err = inner.text(dt, &below)
	return w.err
}

func decodeBase64(s string) (string, error) {
	s = strings.TrimRight(s, "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.RawURLEncoding
	}
	dt, err := enc.DecodeString(s)
	if err == nil && len(dt) == 0 {
		err = io.ErrUnexpectedEOF
	}
	return string(dt), err
}
