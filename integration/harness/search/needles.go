package search

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// Needles finds many values, each in any form, in one go over a text. It shares
// no code with the product's own scan, nor its method.
type Needles struct {
	// starts has a bit for each three bytes that a form begins with.
	starts []uint64
	forms  map[uint32][]needle
}

// needle is one value in one form.
type needle struct {
	name string
	form []byte
}

// minNeedle is how long a value has to be to be looked for: what is shorter is
// found in any noise.
const minNeedle = 6

// NewNeedles prepares a search for values. A value that is too short panics.
func NewNeedles(secrets []cluster.Secret) *Needles {
	n := &Needles{starts: make([]uint64, 1<<24/64), forms: map[uint32][]needle{}}
	for _, s := range secrets {
		if len(s.Value) < minNeedle {
			panic(s.Name + " is too short a value to look for")
		}
		for _, form := range formsOf(s.Value) {
			key := startOf([]byte(form))
			n.starts[key/64] |= 1 << (key % 64)
			n.forms[key] = append(n.forms[key], needle{s.Name, []byte(form)})
		}
	}
	return n
}

// In calls found with the name of each value that text holds, once per place.
func (n *Needles) In(text []byte, found func(name string)) {
	if len(text) < 3 {
		return
	}
	key := startOf(append([]byte{0}, text[:2]...))
	for i, c := range text[2:] {
		key = key>>8 | uint32(c)<<16
		if n.starts[key/64]&(1<<(key%64)) == 0 {
			continue
		}
		for _, candidate := range n.forms[key] {
			if bytes.HasPrefix(text[i:], candidate.form) {
				found(candidate.name)
			}
		}
	}
}

func startOf(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
}

// formsOf returns a value as programs write it.
func formsOf(value string) []string {
	inHex := hex.EncodeToString([]byte(value))
	escaped := url.QueryEscape(value)
	forms := []string{
		value, strings.ToLower(value), escaped, url.PathEscape(value), strings.ReplaceAll(value, "/", `\/`),
		inHex, strings.ToUpper(inHex),
	}
	var wide, wideBig strings.Builder
	for _, c := range []byte(value) {
		wide.Write([]byte{c, 0})
		wideBig.Write([]byte{0, c})
	}
	forms = append(forms, wide.String(), wideBig.String())
	for pad := range 3 {
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := enc.EncodeToString([]byte(strings.Repeat("x", pad) + value))
			// Without the digits at both ends, which depend on what stands there:
			// a digit holds six bits.
			forms = append(forms, text[(8*pad+5)/6:(8*(pad+len(value)))/6])
		}
	}
	seen := map[string]bool{}
	var out []string
	for _, form := range forms {
		if !seen[form] {
			seen[form] = true
			out = append(out, form)
		}
	}
	return out
}
