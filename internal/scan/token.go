package scan

import "bytes"

// tokenPrefix begins every documented API token: dt0c01 for access tokens and
// siblings of the form dt0XNN for others, each followed by a public and a
// secret part.
const tokenPrefix = "dt0"

// Lengths of a token's parts, in characters.
const (
	tokenKindLength   = 6 // dt0c01
	tokenPublicLength = 24
	tokenSecretLength = 64
	tokenLength       = tokenKindLength + 1 + tokenPublicLength + 1 + tokenSecretLength
)

// isToken reports whether b begins with a token of the documented form
// dt0c01.<24 of A-Z0-9>.<64 of A-Z0-9>.
func isToken(b []byte) bool {
	if len(b) < tokenLength || !bytes.HasPrefix(b, []byte(tokenPrefix)) {
		return false
	}
	kind, rest := b[:tokenKindLength], b[tokenKindLength:]
	if kind[3] < 'a' || kind[3] > 'z' || !isDigit(kind[4]) || !isDigit(kind[5]) {
		return false
	}
	return rest[0] == '.' && allToken(rest[1:1+tokenPublicLength]) &&
		rest[1+tokenPublicLength] == '.' && allToken(rest[2+tokenPublicLength:2+tokenPublicLength+tokenSecretLength])
}

func allToken(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
