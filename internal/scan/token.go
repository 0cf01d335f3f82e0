package scan

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// tokenKind names what is found by its form alone.
const tokenKind = string(variable.KindAPIToken)

// tokenPrefix begins every token of Dynatrace: dt0, a letter and two digits say
// which kind it is, a public and a secret part follow.
const tokenPrefix = "dt0"

// Lengths of a token's parts, in characters. API tokens have 24 and 64; clients
// of OAuth have a shorter public part, and EdgeConnect's tokens a shorter secret
// one.
//
// Source: the vendor's documentation of access tokens, OAuth clients and
// EdgeConnect.
const (
	tokenPrefixLength = len("dt0c01.")
	minTokenPublic    = 8
	maxTokenPublic    = 32
	minTokenSecret    = 40
	maxToken          = tokenPrefixLength + maxTokenPublic + 1 + minTokenSecret
)

// minLetters is how many different ones a secret part has at least. A sample in
// a documentation has fewer.
const minLetters = 8

// encodedPrefixes are those that are looked for in other forms than plain: API
// and platform tokens, personal ones, clients of OAuth, EdgeConnect's. There is
// none that all kinds share and that is long enough to be searched for.
var encodedPrefixes = []string{"dt0c01.", "dt0s01.", "dt0s02.", "dt0s03.", "dt0s06.", "dt0s08.", "dt0s16.", "dt0e01.", "dt0p01."}

// isToken reports whether b begins with a token.
func isToken(b []byte) bool {
	if len(b) < tokenPrefixLength || !bytes.HasPrefix(b, []byte(tokenPrefix)) {
		return false
	}
	if !isLetter(b[3]) || !isDigit(b[4]) || !isDigit(b[5]) || b[6] != '.' {
		return false
	}
	rest := b[tokenPrefixLength:]
	public := tokenPart(rest)
	if public < minTokenPublic || public > maxTokenPublic || len(rest) == public || rest[public] != '.' {
		return false
	}
	secret := rest[public+1:]
	n := tokenPart(secret)
	return n >= minTokenSecret && letters(secret[:n]) >= minLetters
}

// tokenPart returns how many characters of b a token's part may have.
func tokenPart(b []byte) int {
	n := 0
	for n < len(b) && (isDigit(b[n]) || isLetter(b[n])) {
		n++
	}
	return n
}

// letters counts the different ones.
func letters(b []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// tokenPatterns are how encoded tokens begin. Each is one if what it decodes to
// is.
func tokenPatterns() []pattern {
	var out []pattern
	for _, prefix := range encodedPrefixes {
		add := func(form, data string, decode func(from []byte) []byte) {
			out = append(out, pattern{kind: tokenKind, form: form, data: []byte(data), confirm: func(text []byte, at int) bool { return isToken(decode(text[at:])) }})
		}
		h := hexOf(prefix)
		add("hex", h, decodeHex)
		if upper := strings.ToUpper(h); upper != h {
			add("hex", upper, decodeHex)
		}
		add("UTF-16", utf16(prefix, false), func(from []byte) []byte { return everySecond(from, 0) })
		add("UTF-16", utf16(prefix, true), func(from []byte) []byte { return everySecond(from, 1) })
		for offset := range 3 {
			// The digits of a token's letters are the same in both alphabets.
			add("base64", base64At(base64.RawStdEncoding, prefix, offset), func(from []byte) []byte {
				return decodeBase64(prefix, offset, from)
			})
		}
		out = append(out, tokenAnchors(prefix)...)
	}
	return out
}

// Lengths of the longest token in its forms.
const (
	maxTokenHex    = 2 * maxToken
	maxTokenUTF16  = 2 * maxToken
	maxTokenBase64 = maxToken*4/3 + 4
	// maxTokenSpan is for forms with something between its characters.
	maxTokenSpan = 8*maxToken + 2*maxBreak
)

func hexOf(s string) string { return hex.EncodeToString([]byte(s)) }

// decodeHex returns what the digits at the beginning of b stand for.
func decodeHex(b []byte) []byte {
	out := make([]byte, maxToken)
	n, _ := hex.Decode(out, b[:min(len(b), maxTokenHex)&^1]) // it ends at what is none
	return out[:n]
}

// everySecond returns the bytes at even or odd indices, as long as the others
// are zero.
func everySecond(b []byte, odd int) []byte {
	var out []byte
	for i := 0; i+1 < min(len(b), maxTokenUTF16) && b[i+1-odd] == 0; i += 2 {
		out = append(out, b[i+odd])
	}
	return out
}

// decodeBase64 decodes b, which begins with all digits of prefix that do not
// depend on the offset bytes before it.
func decodeBase64(prefix string, offset int, b []byte) []byte {
	before := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", offset) + prefix))
	digits := before[:(offset*8+5)/6] + string(b[:min(len(b), maxTokenBase64)])
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(digits)))
	n, _ := base64.RawStdEncoding.Decode(out, []byte(digits)) // it ends at what is none
	return out[min(offset, n):n]
}
