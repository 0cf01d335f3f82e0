package scan

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// Tokens looks in one text for API tokens that are not known, by their
// documented form, where they are not written plainly: in base64, broken into
// lines or not, in hexadecimal and in UTF-16. A [Stream] finds plain ones. Write
// never fails.
type Tokens struct {
	tail  []byte
	found map[Finding]bool
}

// tokensKept is the length of the longest form, with the ends of its lines.
const tokensKept = 2*tokenLength + 16

// trace is what a token's first characters look like in some form, and what
// makes a token of what begins with it.
type trace struct {
	form   string
	first  []byte
	decode func(text []byte) []byte
}

var traces = []trace{
	{"hex", []byte(hex.EncodeToString([]byte(tokenPrefix))), fromHex},
	{"UTF-16", []byte(utf16(tokenPrefix, false))[:2*len(tokenPrefix)-1], fromUTF16},
	base64Trace(0),
	base64Trace(1),
	base64Trace(2),
}

// base64Trace is of a token at an offset of 3n+offset in what was encoded. A
// token's digits are the same in both alphabets where its first ones are.
func base64Trace(offset int) trace {
	first := base64At(base64.RawStdEncoding, tokenPrefix, offset)
	all := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", offset) + tokenPrefix))
	// What stands before depends on the text before the token.
	before := []byte(all[:strings.Index(all, first)])
	return trace{"base64", []byte(first), func(text []byte) []byte { return fromBase64(before, text, offset) }}
}

// NewTokens returns what looks through one text.
func NewTokens() *Tokens { return &Tokens{found: map[Finding]bool{}} }

// Write looks through p together with the end of what came before it.
func (t *Tokens) Write(p []byte) (int, error) {
	if len(t.tail) > 0 {
		t.scan(append(slices.Clip(t.tail), p[:min(len(p), tokensKept)]...))
	}
	t.scan(p)
	if len(p) >= tokensKept {
		t.tail = append(t.tail[:0], p[len(p)-tokensKept:]...)
		return len(p), nil
	}
	t.tail = append(t.tail, p...)
	if extra := len(t.tail) - tokensKept; extra > 0 {
		t.tail = append(t.tail[:0], t.tail[extra:]...)
	}
	return len(p), nil
}

// Findings returns what was found, each form once, sorted.
func (t *Tokens) Findings() []Finding {
	out := make([]Finding, 0, len(t.found))
	for f := range t.found {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Finding) int { return strings.Compare(a.Form, b.Form) })
	return out
}

func (t *Tokens) scan(text []byte) {
	for _, tr := range traces {
		for rest := text; ; {
			i := bytes.Index(rest, tr.first)
			if i < 0 {
				break
			}
			rest = rest[i:]
			if isToken(tr.decode(rest)) {
				t.found[Finding{"API token", tr.form}] = true
			}
			rest = rest[1:]
		}
	}
}

func fromHex(text []byte) []byte {
	out := make([]byte, tokenLength)
	// An error says where the digits end.
	n, _ := hex.Decode(out, text[:min(len(text), 2*tokenLength)])
	return out[:n]
}

// fromUTF16 reads little endian; in big endian a character's other byte stands
// before it, which is no matter here.
func fromUTF16(text []byte) []byte {
	out := make([]byte, 0, tokenLength)
	for i := 0; i < len(text) && len(out) < tokenLength; i += 2 {
		if i > 0 && text[i-1] != 0 {
			break
		}
		out = append(out, text[i])
	}
	return out
}

// fromBase64 decodes the digits of text, of which those before are missing, and
// returns what stands at offset.
func fromBase64(before, text []byte, offset int) []byte {
	const digits = (tokenLength + 2 + 2) / 3 * 4
	in := append(make([]byte, 0, digits), before...)
	for _, c := range text {
		if c == '\r' || c == '\n' {
			continue
		}
		digit := base64Digit(c)
		if digit == 0 || len(in) == digits {
			break
		}
		in = append(in, digit)
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(in)))
	// An error says where the digits end; what comes before is good.
	n, _ := base64.RawStdEncoding.Decode(out, in)
	if n < offset {
		return nil
	}
	return out[offset:n]
}

// base64Digit returns c as the standard alphabet has it, or zero.
func base64Digit(c byte) byte {
	switch {
	case c == '-':
		return '+'
	case c == '_':
		return '/'
	case isDigit(c), c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '+', c == '/':
		return c
	}
	return 0
}
