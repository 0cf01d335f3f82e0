package deploy

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/org/dt-frontend/internal/scan"
)

// hidden stands in messages where a secret stood.
const hidden = "***"

// maxMessage bounds what is passed on of another's words.
const maxMessage = 400

// Format keeps credentials out of whatever prints them, by any verb.
func (c Credentials) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "deploy.Credentials{"+hidden+"}")
}

// Format keeps the tenant token out of whatever prints it, by any verb.
func (i ConnectionInfo) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "deploy.ConnectionInfo{"+hidden+"}")
}

// redactor removes secrets from texts that come from elsewhere: the cluster,
// a proxy, the standard library.
type redactor struct {
	mu    sync.Mutex
	pairs []string // secret, replacement, …
}

func (r *redactor) add(secret, replacement string) {
	if secret == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pairs = append(r.pairs, secret, replacement)
	for _, form := range scan.Forms(secret) {
		r.pairs = append(r.pairs, form, replacement)
	}
}

// clean makes one bounded line of s, without control characters and secrets.
// The order matters: a secret must not come together, or be cut in two, by
// what is done after the search for it.
func (r *redactor) clean(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case !unicode.IsPrint(c):
			return -1
		}
		return c
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	r.mu.Lock()
	s = strings.NewReplacer(r.pairs...).Replace(s)
	r.mu.Unlock()
	return cut(hideTokens(s))
}

func cut(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	end := maxMessage
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// hideTokens replaces what has the documented form of any Dynatrace token,
// dt0c01.<public>.<secret>, whoever it belongs to.
func hideTokens(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "dt0")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := i
		for end < len(s) && (isIDChar(s[end]) || s[end] == '.') {
			end++
		}
		b.WriteString(s[:i])
		if strings.Contains(s[i:end], ".") {
			b.WriteString(hidden)
		} else {
			b.WriteString(s[i:end])
		}
		s = s[end:]
	}
}
