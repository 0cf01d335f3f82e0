package scan

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"strings"
)

// base32At is [base64At] of base32, in which a digit carries five bits.
func base32At(value string, offset int) string {
	padded := strings.Repeat("\x00", offset) + value
	digits := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(padded))
	first, last := (offset*8+4)/5, len(padded)*8/5
	if first >= last {
		return ""
	}
	return digits[first:last]
}

// base32Offsets is how many alignments of a text to base32 there are.
const base32Offsets = 5

// twice returns what all base64 of base64 of a text that holds value have in
// common, at each alignment of both.
func twice(value string) []string {
	var out []string
	for inner := range 3 {
		for outer := range 3 {
			out = append(out, base64At(base64.RawStdEncoding, base64At(base64.RawStdEncoding, value, inner), outer))
		}
	}
	return out
}

// anchors returns patterns of a value in forms of which a part is searched, and
// the rest compared.
func anchors(v Value) []pattern {
	var out []pattern
	add := func(form, data string) {
		if len(data) >= anchorLength {
			out = append(out, pattern{kind: v.Kind, form: form, data: []byte(data)})
		}
	}
	if upper := strings.ToUpper(v.Value); upper != v.Value {
		add("plain", upper)
	}
	for offset := range base32Offsets {
		digits := base32At(v.Value, offset)
		add("base32", digits)
		out = append(out, split(v.Kind, digits)...)
	}
	for _, data := range twice(v.Value) {
		add("base64 twice", data)
	}
	digits := hexOf(v.Value)
	for _, text := range []string{v.Value, digits, strings.ToUpper(digits)} {
		out = append(out, split(v.Kind, text)...)
	}
	for offset := range 3 {
		out = append(out, split(v.Kind, base64At(base64.RawStdEncoding, v.Value, offset))...)
	}
	value := []byte(v.Value)
	for _, n := range numberForms {
		out = append(out, n.patterns(v.Kind, v.Value, len(v.Value), func(b []byte) bool { return bytes.Equal(b, value) })...)
	}
	return out
}

// tokenAnchors returns patterns of tokens that begin with prefix.
func tokenAnchors(prefix string) []pattern {
	var out []pattern
	add := func(form, data string, decode func(from []byte) []byte) {
		// A shorter one would slow the whole search down.
		if len(data) < anchorLength {
			return
		}
		out = append(out, pattern{kind: tokenKind, form: form, data: []byte(data), span: maxTokenSpan, confirm: func(text []byte, at int) bool {
			return isToken(decode(text[at:min(len(text), at+maxTokenSpan)]))
		}})
	}
	for offset := range base32Offsets {
		add("base32", base32At(prefix, offset), func(from []byte) []byte { return decodeBase32(prefix, offset, from) })
	}
	for inner := range 3 {
		digits := base64At(base64.RawStdEncoding, prefix, inner)
		for outer := range 3 {
			add("base64 twice", base64At(base64.RawStdEncoding, digits, outer), func(from []byte) []byte {
				return decodeTwice(prefix, inner, digits, outer, from)
			})
		}
		add(formSplit, digits, ifBroken(maxTokenBase64, func(from []byte) []byte { return decodeBase64(prefix, inner, from) }))
	}
	add(formSplit, hexOf(prefix), ifBroken(maxTokenHex, decodeHex))
	for _, n := range numberForms {
		out = append(out, n.patterns(tokenKind, prefix, maxToken, isToken)...)
	}
	return out
}

// ifBroken returns what decodes a text that has breaks in it, and no other: one
// without is found by another pattern.
func ifBroken(limit int, decode func(from []byte) []byte) func(from []byte) []byte {
	return func(from []byte) []byte {
		if isToken(decode(from)) {
			return nil
		}
		return decode(unsplit(from, limit))
	}
}

// decodeBase32 decodes b, which begins with all digits of prefix that do not
// depend on the offset bytes before it.
func decodeBase32(prefix string, offset int, b []byte) []byte {
	enc := base32.StdEncoding.WithPadding(base32.NoPadding)
	before := enc.EncodeToString([]byte(strings.Repeat("\x00", offset) + prefix))
	b = unsplit(b, maxToken*8/5+8)
	digits := before[:(offset*8+4)/5] + string(b)
	// As far as it goes: what follows may be anything.
	n := 0
	for n < len(digits) && (digits[n] >= 'A' && digits[n] <= 'Z' || digits[n] >= '2' && digits[n] <= '7') {
		n++
	}
	// Of a rest that no encoder writes, less.
	for _, wrong := range []int{1, 3, 6} {
		if n%8 == wrong {
			n--
		}
	}
	out, err := enc.DecodeString(digits[:n])
	if err != nil || len(out) < offset {
		return nil
	}
	return out[offset:]
}

// decodeTwice decodes base64 of base64. Digits are those that the inner one
// begins with.
func decodeTwice(prefix string, inner int, digits string, outer int, b []byte) []byte {
	b = unsplit(b, maxTokenBase64*4/3+8)
	before := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", outer) + digits))
	all := before[:(outer*8+5)/6] + string(b)
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(all)))
	n, _ := base64.RawStdEncoding.Decode(out, []byte(all)) // it ends at what is none
	if n < outer {
		return nil
	}
	return decodeBase64(prefix, inner, out[outer:n])
}
