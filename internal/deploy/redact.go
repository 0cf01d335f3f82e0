package deploy

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/org/dt-frontend/internal/scan"
)

// maxMessage bounds what is passed on of another's words, in bytes.
const maxMessage = 400

// hiddenCredentials is what credentials look like to whatever prints them.
const hiddenCredentials = "deploy.Credentials{" + scan.Hidden + "}"

// Format keeps credentials out of whatever prints them, by any verb.
func (c Credentials) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hiddenCredentials) }

// String keeps credentials out of whatever makes a text of them.
func (c Credentials) String() string { return hiddenCredentials }

// GoString keeps credentials out of whatever prints their Go syntax.
func (c Credentials) GoString() string { return hiddenCredentials }

// MarshalText keeps credentials out of whatever encodes them: log/slog, which
// the programs in images do not link, and encoding/json.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(hiddenCredentials), nil }

// Format keeps credentials out of whatever prints them, by any verb.
func (r RawCredentials) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "deploy.RawCredentials{"+scan.Hidden+"}")
}

// MarshalText keeps credentials out of whatever encodes them.
func (r RawCredentials) MarshalText() ([]byte, error) {
	return fmt.Append(nil, r), nil
}

// Format keeps the tenant token out of whatever prints it, by any verb.
func (i ConnectionInfo) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "deploy.ConnectionInfo{"+scan.Hidden+"}")
}

// clean makes one bounded line of s without secrets. It is cut last: half of a
// secret would not be found.
func clean(secrets *scan.Redactor, s string) string {
	s = secrets.Line(strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " "))
	if len(s) <= maxMessage {
		return s
	}
	end := maxMessage
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
