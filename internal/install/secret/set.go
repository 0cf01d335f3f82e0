package secret

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/version"
)

// Set holds the values of secrets by id. A secret that was not given, or is
// empty, is not in it. A set does not change, and hides its values from whatever
// prints it. A struct that has one in an unexported field must do so itself: package
// fmt cannot call methods there. The zero value has no secrets.
type Set struct {
	values map[string]string
	// credentials are made of the values; invalid says why they are not. Whoever
	// needs them takes them from here: they are normalised once for each set.
	credentials deploy.Credentials
	invalid     error
}

// NewSet returns the set of values, by id, as [Load] and [FromEnvironment] have
// trimmed them. It keeps a copy.
func NewSet(values map[string]string) Set {
	s := Set{values: maps.Clone(values)}
	maps.DeleteFunc(s.values, func(_, v string) bool { return v == "" })
	if len(s.missing()) == 0 {
		s.credentials, s.invalid = deploy.NewCredentials(deploy.RawCredentials{
			URL:    s.Get(agent.SecretAPIURL),
			Tenant: s.Get(agent.SecretTenant),
			Token:  s.Get(agent.SecretAPIToken),
		})
	}
	return s
}

// Get returns the value of a secret, or "".
func (s Set) Get(id string) string { return s.values[id] }

// IsEmpty reports whether no secret is in s.
func (s Set) IsEmpty() bool { return len(s.values) == 0 }

// All returns the ids and values, in the order of the ids.
func (s Set) All() iter.Seq2[string, string] {
	return func(yield func(id, value string) bool) {
		for _, id := range slices.Sorted(maps.Keys(s.values)) {
			if !yield(id, s.values[id]) {
				return
			}
		}
	}
}

// Format keeps the values out of whatever prints s, by any verb.
func (s Set) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "secret.Set{"+scan.Hidden+"}")
}

// missing returns the ids of the secrets without which there are no credentials.
func (s Set) missing() []string {
	var missing []string
	for _, id := range []string{agent.SecretAPIToken, agent.SecretTenant} {
		if s.Get(id) == "" {
			missing = append(missing, id)
		}
	}
	if s.Get(agent.SecretAPIURL) == "" && len(missing) == 2 {
		// Nothing was passed at all; the address can be done without only
		// where the rest is there.
		missing = append(missing, agent.SecretAPIURL)
	}
	return missing
}

// MissingError says which secrets a build has to be given.
type MissingError struct {
	IDs []string
}

// Error says what to pass.
func (e *MissingError) Error() string {
	flags := make([]string, len(e.IDs))
	for i, id := range e.IDs {
		flags[i] = "--secret id=" + id
	}
	plural := ""
	if len(e.IDs) > 1 {
		plural = "s"
	}
	return fmt.Sprintf("missing secret%s %s: pass %s (taken from the environment variable of that name, or from a file with ,src=FILE)",
		plural, strings.Join(e.IDs, ", "), strings.Join(flags, " "))
}

// Credentials returns the API details in s, or a [*MissingError].
func (s Set) Credentials() (deploy.Credentials, error) {
	if missing := s.missing(); len(missing) > 0 {
		return deploy.Credentials{}, &MissingError{IDs: missing}
	}
	return s.credentials, s.invalid
}

// Client returns a client of the Deployment API for the credentials in s.
func (s Set) Client() (*deploy.Client, error) { return s.ClientWith(deploy.Options{}) }

// ClientWith is Client with a limit of time and patience of one's own.
func (s Set) ClientWith(o deploy.Options) (*deploy.Client, error) {
	c, err := s.Credentials()
	if err != nil {
		return nil, err
	}
	o.RootCAs, o.Proxy, o.UserAgent = []byte(s.Get(agent.SecretCACert)), s.Get(agent.SecretProxy), version.UserAgent("dt-frontend")
	return deploy.New(c, o)
}
