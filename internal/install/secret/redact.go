package secret

import (
	"net/url"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
)

// Redact replaces every secret in text, in all forms in which programs write
// one, by the name of what stood there. A message so treated may go into a
// build's log: with the promise that no cluster address is in it, even the
// host's name may not.
func (s Set) Redact(text string) string {
	var values []scan.Value
	add := func(value, name string) {
		values = append(values, scan.Value{Kind: name, Value: value})
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
	return scan.Hide(text, values)
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
