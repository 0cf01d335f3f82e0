package manifest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// WithChecksums returns the text of a manifest in which some entries have another
// MD5, by their cleaned path. An entry that has none gets none. All else keeps
// its place and its form.
//
// [Read] must have accepted the text: it bounds how deep values lie in one
// another.
func WithChecksums(text []byte, sums map[string]string) ([]byte, error) {
	u := &update{dec: json.NewDecoder(bytes.NewReader(text)), text: text, sums: sums}
	u.dec.UseNumber()
	if err := u.value(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", File, err)
	}
	slices.SortFunc(u.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out bytes.Buffer
	at := int64(0)
	for _, e := range u.edits {
		out.Write(text[at:e.from])
		fmt.Fprintf(&out, "%q", e.sum)
		at = e.to
	}
	out.Write(text[at:])
	return out.Bytes(), nil
}

// update is one walk over a manifest.
type update struct {
	dec   *json.Decoder
	text  []byte
	sums  map[string]string
	edits []edit
}

// edit puts a checksum in place of a part of the text.
type edit struct {
	from, to int64
	sum      string
}

// value reads the next value, whatever it is.
func (u *update) value() error {
	tok, err := u.dec.Token()
	if err != nil {
		return err
	}
	return u.inside(tok)
}

// inside reads what a value holds whose first token was read.
func (u *update) inside(tok json.Token) error {
	switch tok {
	case json.Delim('{'):
		return u.object()
	case json.Delim('['):
		for u.dec.More() {
			if err := u.value(); err != nil {
				return err
			}
		}
		_, err := u.dec.Token()
		return err
	}
	return nil
}

// object reads an object, which may be an entry.
func (u *update) object() error {
	var (
		file  string
		found []edit
	)
	for u.dec.More() {
		key, err := u.dec.Token()
		if err != nil {
			return err
		}
		before := u.dec.InputOffset()
		tok, err := u.dec.Token()
		if err != nil {
			return err
		}
		if text, ok := tok.(string); ok && text != "" {
			// As encoding/json does, which reads entries.
			switch strings.ToLower(key.(string)) {
			case "path":
				file = path.Clean(text)
			case "md5":
				from := before + int64(bytes.IndexByte(u.text[before:], '"'))
				found = append(found, edit{from: from, to: u.dec.InputOffset()})
			}
			continue
		}
		if err := u.inside(tok); err != nil {
			return err
		}
	}
	if sum, ok := u.sums[file]; ok {
		for _, e := range found {
			e.sum = sum
			u.edits = append(u.edits, e)
		}
	}
	_, err := u.dec.Token()
	return err
}
