package secret

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// minRedacted is the length from which a value is hidden. To hide shorter ones
// would make other words unreadable without hiding anything.
const minRedacted = 4

// Redact replaces every secret in text by the name of what stood there. A message so treated may go into a build's log: with the promise
// that no cluster address is in it, even the host's name may not.
func (s Set) Redact(text string) string {
	type word struct{ value, name string }
	var words []word
	add := func(value, name string) {
		if len(value) >= minRedacted {
			words = append(words, word{value, "<" + name + ">"})
		}
	}
	for id, v := range s {
		add(v, id)
	}
	for _, id := range []string{agent.SecretAPIURL, agent.SecretProxy} {
		addURL(add, s[id], id)
	}
	if c, err := s.Credentials(); err == nil {
		addURL(add, c.URL, agent.SecretAPIURL)
	}
	// The longest first: it may hold a shorter one.
	slices.SortStableFunc(words, func(a, b word) int {
		return cmp.Or(cmp.Compare(len(b.value), len(a.value)), cmp.Compare(a.name, b.name))
	})
	var pairs []string
	for _, w := range words {
		pairs = append(pairs, w.value, w.name)
	}
	// In one go, so that no replacement is searched again.
	return strings.NewReplacer(pairs...).Replace(text)
}

// addURL adds the parts of a URL that identify somebody.
func addURL(add func(value, name string), raw, id string) {
	u, err := url.Parse(raw)
	if err != nil || raw == "" {
		return
	}
	add(raw, id)
	add(u.Host, "host of "+id)
	add(u.Hostname(), "host of "+id)
	if u.User != nil {
		add(u.User.String(), "user of "+id)
		if pw, ok := u.User.Password(); ok {
			add(pw, "password of "+id)
		}
	}
}
