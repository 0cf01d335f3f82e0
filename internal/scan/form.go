package scan

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	unicode "unicode/utf16"
)

// Value is something to look for. Kind names it in a finding; the value itself
// never appears in one.
type Value struct {
	Kind  string
	Value string
}

// minFormLength is the length in bytes from which a value is searched in every
// form and wherever it stands. What is shorter would be found in any megabyte
// of noise; see [Scanner].
const minFormLength = 6

// pattern is one value in one form.
type pattern struct {
	kind string
	form string
	data []byte
	// confirm looks at the text around data, which begins at an index and is not
	// all of what is looked for. It is nil for a pattern that is all.
	confirm func(text []byte, at int) bool
	// span is how much of the text confirm looks at on either side of the index.
	span int
}

// forms returns value as programs write it.
func forms(v Value) []pattern {
	var out []pattern
	seen := map[string]bool{}
	add := func(form, data string) {
		if len(data) >= minFormLength && !seen[data] {
			seen[data] = true
			out = append(out, pattern{kind: v.Kind, form: form, data: []byte(data)})
		}
	}
	add("plain", v.Value)
	add("plain", strings.ToLower(v.Value))
	add("JSON", strings.ReplaceAll(v.Value, "/", `\/`))
	add("JSON", inJSON(v.Value))
	h := hex.EncodeToString([]byte(v.Value))
	add("hex", h)
	add("hex", strings.ToUpper(h))
	add("UTF-16", utf16(v.Value, false))
	add("UTF-16", utf16(v.Value, true))
	escaped := url.QueryEscape(v.Value)
	add("URL-encoded", escaped)
	add("URL-encoded", url.PathEscape(v.Value))
	add("URL-encoded", lowerEscapes(escaped))
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			add("base64", base64At(enc, v.Value, offset))
		}
	}
	return out
}

// base64At returns what every encoding of text that holds value at an offset of
// 3n+offset has in common: the digits that depend on value alone.
func base64At(enc *base64.Encoding, value string, offset int) string {
	padded := strings.Repeat("\x00", offset) + value
	digits := enc.EncodeToString([]byte(padded))
	// Each digit carries 6 bits; the first ones hold bits of what stands
	// before, the last one bits of what follows.
	first := (offset*8 + 5) / 6
	last := len(padded) * 8 / 6
	if first >= last {
		return ""
	}
	return digits[first:last]
}

// inJSON returns a value as encoders write it that escape no slash but others,
// such as the ampersand.
func inJSON(value string) string {
	dt, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.Trim(string(dt), `"`)
}

func utf16(s string, bigEndian bool) string {
	var b []byte
	for _, unit := range unicode.Encode([]rune(s)) {
		if bigEndian {
			b = binary.BigEndian.AppendUint16(b, unit)
		} else {
			b = binary.LittleEndian.AppendUint16(b, unit)
		}
	}
	return string(b)
}

// lowerEscapes writes the hex digits of percent escapes in lower case.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}
