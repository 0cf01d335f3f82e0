package scan

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// numbers is a form in which each character is a number: all have as many digits,
// but for decimal ones, and something is between two of them.
type numbers struct {
	form   string
	base   int
	digits int
	// between is what is between two numbers, without spaces.
	between string
	// spaced is how it begins to be written: with spaces.
	spaced string
}

// numberForms are those that cost a search next to nothing.
var numberForms = []numbers{
	{"hex", 16, 2, ":", ":"},
	{"hex", 16, 2, "", " "},
	{"hex", 16, 2, "-", "-"},
	{"hex", 16, 2, ",", ","},
	{"hex", 16, 2, ",0x", ", 0x"},
	{"hex", 16, 2, ",0x", ",0x"},
	{"escaped", 16, 2, `\x`, `\x`},
	{"URL-encoded", 16, 2, "%", "%"},
	{"quoted-printable", 16, 2, "=", "="},
	{"JSON", 16, 2, `\u00`, `\u00`},
	{"HTML", 16, 2, ";&#x", ";&#x"},
	{"HTML", 10, 0, ";&#", ";&#"},
	{"decimal", 10, 0, ",", ", "},
	{"decimal", 10, 0, ",", ","},
	{"escaped", 8, 3, `\`, `\`},
}

// patterns returns what to search for a text. Decoded is given the characters
// that a place holds.
func (n numbers) patterns(kind, text string, length int, decoded func(b []byte) bool) []pattern {
	var out []pattern
	span := spanOf(length)
	seen := map[string]bool{}
	for _, upper := range []bool{false, true} {
		data := n.encode(text, upper)
		if len(data) < anchorLength || seen[data] {
			continue
		}
		seen[data] = true
		out = append(out, pattern{kind: kind, form: n.form, data: []byte(data), span: span, confirm: func(text []byte, at int) bool {
			return decoded(n.decode(text[at:min(len(text), at+span)], length))
		}})
	}
	return out
}

// encode returns the first characters of a text, as many as a search needs.
func (n numbers) encode(text string, upper bool) string {
	out := ""
	for i := 0; i < len(text) && len(out) < anchorLength; i++ {
		if i > 0 {
			out += n.spaced
		}
		number := strconv.FormatUint(uint64(text[i]), n.base)
		if n.digits > 0 {
			number = fmt.Sprintf("%0*s", n.digits, number)
		}
		if upper {
			number = strings.ToUpper(number)
		}
		out += number
	}
	return out
}

// decode returns the characters that b begins with.
func (n numbers) decode(b []byte, limit int) []byte {
	out := make([]byte, 0, limit)
	for len(out) < limit {
		width := n.digits
		if width == 0 {
			for width < len(b) && width < 3 && isDigit(b[width]) {
				width++
			}
		}
		if len(b) < width || width == 0 {
			break
		}
		c, ok := number(b[:width], n.base)
		if !ok {
			break
		}
		out = append(out, c)
		if b, ok = n.next(b[width:]); !ok {
			break
		}
	}
	return out
}

// number reads one, without a sign.
func number(b []byte, base int) (byte, bool) {
	value := 0
	for _, c := range b {
		digit := 99
		switch {
		case isDigit(c):
			digit = int(c - '0')
		case isLetter(c):
			digit = int(c|0x20-'a') + 10
		}
		if digit >= base {
			return 0, false
		}
		value = value*base + digit
	}
	return byte(value), value < 256
}

// next goes to the next number: lines may end in between.
func (n numbers) next(b []byte) ([]byte, bool) {
	const spaces = " \t\r\n"
	skip := func(b []byte) []byte { return bytes.TrimLeft(b[:min(len(b), maxSpan)], spaces) }
	rest := skip(b)
	if n.between == "" {
		return rest, len(rest) < len(b)
	}
	for i := range len(n.between) {
		// A line of quoted-printable may end with the same character.
		if i > 0 && n.between == "=" {
			break
		}
		if rest = skip(rest); len(rest) == 0 || rest[0] != n.between[i] {
			return nil, false
		}
		rest = rest[1:]
	}
	if n.between == "=" && len(rest) > 0 && (rest[0] == '\r' || rest[0] == '\n') {
		if rest = skip(rest); len(rest) == 0 || rest[0] != '=' {
			return nil, false
		}
		rest = rest[1:]
	}
	return skip(rest), true
}
