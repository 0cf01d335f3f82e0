package packed

import (
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"net/url"
	"strings"
	"unicode/utf16"
)

// Forms are ways to write a text of ASCII.
var Forms = map[string]func(s string) string{
	"plain":                            func(s string) string { return s },
	"lower case":                       strings.ToLower,
	"upper case":                       strings.ToUpper,
	"UTF-16, little-endian":            func(s string) string { return wide(s, binary.LittleEndian) },
	"UTF-16, big-endian":               func(s string) string { return wide(s, binary.BigEndian) },
	"UTF-32, little-endian":            func(s string) string { return each(s, "", "%c\x00\x00\x00") },
	"UTF-32, big-endian":               func(s string) string { return each(s, "", "\x00\x00\x00%c") },
	"hex":                              func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hex, upper case":                  func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"hex in lines":                     func(s string) string { return lines(hex.EncodeToString([]byte(s)), 60, "\n") },
	"hex with colons":                  func(s string) string { return each(s, ":", "%02X") },
	"hex with spaces":                  func(s string) string { return each(s, " ", "%02x") },
	"hex with hyphens":                 func(s string) string { return each(s, "-", "%02x") },
	"array of C":                       func(s string) string { return each(s, ", ", "0x%02x") },
	"array of C in lines":              func(s string) string { return strings.ReplaceAll(each(s, ", ", "0x%02X"), "0x30, ", "0x30,\n  ") },
	"array of decimal numbers":         func(s string) string { return each(s, ", ", "%d") },
	"escaped in hex":                   func(s string) string { return each(s, "", `\x%02x`) },
	"escaped in octal":                 func(s string) string { return each(s, "", `\%03o`) },
	"escaped as in JSON":               func(s string) string { return each(s, "", `\u%04x`) },
	"every character as %XX":           func(s string) string { return each(s, "", "%%%02X") },
	"URL-encoded":                      url.QueryEscape,
	"HTML, decimal":                    func(s string) string { return each(s, "", "&#%d;") },
	"HTML, hex":                        func(s string) string { return each(s, "", "&#x%x;") },
	"quoted-printable, all escaped":    func(s string) string { return lines(each(s, "", "=%02X"), 75, "=\r\n") },
	"quoted-printable, in lines":       func(s string) string { return lines(s, 40, "=\r\n") },
	"lines that a backslash continues": func(s string) string { return lines(s, 40, "\\\n    ") },
	"lines":                            func(s string) string { return lines(s, 40, "\n") },
	"lines of a comment":               func(s string) string { return lines(s, 50, "\n# ") },
	"texts that are joined":            func(s string) string { return `"` + lines(s, 30, `" + "`) + `"` },
	"texts that C joins":               func(s string) string { return `"` + lines(s, 45, "\"\n\t\"") + `"` },
	"base64":                           func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + s)) },
	"base64 for URLs":                  func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("?" + s)) },
	"base64 in lines":                  func(s string) string { return lines(base64.StdEncoding.EncodeToString([]byte(s)), 76, "\r\n") },
	"base64 twice": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte("x" + s))))
	},
	"base64 of UTF-16": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(wide(s, binary.LittleEndian))) },
	"base64 of gzip":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte(Gzip(s))) },
	"base64 three times": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))))
	},
	"hex of base64":   func(s string) string { return hex.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s)))) },
	"base32":          func(s string) string { return base32.StdEncoding.EncodeToString([]byte("abc" + s)) },
	"base32 in lines": func(s string) string { return lines(base32.StdEncoding.EncodeToString([]byte(s)), 64, "\n") },
	"base85": func(s string) string {
		out := make([]byte, ascii85.MaxEncodedLen(len(s)))
		return string(out[:ascii85.Encode(out, []byte(s))])
	},
	"reversed": func(s string) string {
		out := ""
		for _, c := range s {
			out = string(c) + out
		}
		return out
	},
	"ROT13":             rot13,
	"bits turned round": func(s string) string { return mapped(s, bits.Reverse8) },
	"XOR":               func(s string) string { return mapped(s, func(b byte) byte { return b ^ 0x5a }) },
	"spaces between":    func(s string) string { return each(s, " ", "%c") },
	"binary digits":     func(s string) string { return each(s, " ", "%08b") },
}

// each writes every character by a format.
func each(s, between, format string) string {
	var out []string
	for i := range len(s) {
		out = append(out, fmt.Sprintf(format, s[i]))
	}
	return strings.Join(out, between)
}

// lines breaks a text into lines.
func lines(s string, width int, end string) string {
	var out []string
	for ; len(s) > width; s = s[width:] {
		out = append(out, s[:width])
	}
	return strings.Join(append(out, s), end)
}

func wide(s string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func mapped(s string, change func(byte) byte) string {
	out := []byte(s)
	for i := range out {
		out[i] = change(out[i])
	}
	return string(out)
}

func rot13(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case r >= 'A' && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, s)
}
