package verify

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/org/dt-frontend/internal/links"
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
}

// walk looks at one document, below path. It returns false where that is no
// JSON to its end.
func (w *jsonWalk) walk(r io.Reader, path string, encoded int) bool {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	if err := w.value(dec, place{path: path, encoded: encoded}); err != nil {
		return false
	}
	_, err := dec.Token()
	return errors.Is(err, io.EOF)
}

// place is where in a document a value stands.
type place struct {
	path string
	// key is the last member's name.
	key     string
	depth   int
	encoded int
}

func (p place) member(key, shown string) place {
	p.key = key
	p.depth++
	if p.path != "" {
		p.path += "."
	}
	p.path += shown
	return p
}

func (p place) item(i int) place {
	p.depth++
	p.path = fmt.Sprintf("%s[%d]", p.path, i)
	return p
}

var errNesting = errors.New("nested too deep")

// value looks at the next value.
func (w *jsonWalk) value(dec *json.Decoder, at place) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if at.depth > maxNesting {
		return errNesting
	}
	switch tok := tok.(type) {
	case string:
		w.text(tok, at)
	case json.Number:
		w.text(tok.String(), at)
	case json.Delim:
		if tok == '{' {
			return w.object(dec, at)
		}
		return w.list(dec, at)
	}
	return nil
}

func (w *jsonWalk) object(dec *json.Decoder, at place) error {
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := tok.(string)
		if !ok {
			return errors.New("a member without a name")
		}
		in := at.member(key, w.audit.text(key))
		for _, f := range w.scanner.String(key) {
			w.found(in.path, f.Kind, f.Form)
		}
		if err := w.value(dec, in); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func (w *jsonWalk) list(dec *json.Decoder, at place) error {
	for i := 0; dec.More(); i++ {
		if err := w.value(dec, at.item(i)); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// text looks at one text: for values, for variables that it gives a value to,
// and at what it holds if it is base64.
func (w *jsonWalk) text(s string, at place) {
	kinds := map[string]bool{}
	say := func(path, kind, form string) {
		if !kinds[kind] {
			w.found(path, kind, form)
		}
	}
	found := w.scanner.String(s)
	for _, f := range found {
		w.found(at.path, f.Kind, f.Form)
	}
	for _, f := range found {
		kinds[f.Kind] = true
	}
	// As in a label, or in a builder's record of build args.
	name := at.key[strings.LastIndexByte(at.key, ':')+1:]
	if kind, ok := links.Variables[name]; ok && len(links.Given(kind, s)) > 0 {
		say(at.path, string(kind), "plain")
	}
	for _, as := range links.Assignments(s) {
		say(at.path+": "+as.Variable, string(as.Kind), "plain")
	}
	w.encoded(s, at)
}

// encoded looks into base64, as which a builder records a Dockerfile.
func (w *jsonWalk) encoded(s string, at place) {
	if at.encoded >= maxEncoded || len(s) < minEncoded {
		return
	}
	dt, err := decodeBase64(s)
	if err != nil {
		return
	}
	inner := &jsonWalk{audit: w.audit, found: func(path, kind, form string) {
		if form == "plain" {
			form = "base64"
		}
		w.found(path, kind, form)
	}}
	if dt[0] == '{' && inner.walk(strings.NewReader(dt), at.path, at.encoded+1) {
		return
	}
	at.encoded++
	at.key = ""
	inner.text(dt, at)
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
