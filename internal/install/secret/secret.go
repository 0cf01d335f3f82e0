// Package secret reads the secrets that a build step is given and keeps them
// out of what it says.
package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/scan/value"
	"github.com/org/dt-frontend/internal/version"
)

// maxSize is the most that BuildKit lets a secret have, in bytes.
const maxSize = 500 << 10

// Set holds the values of secrets by id, trimmed. A secret that was not given,
// or is empty, is not in it.
type Set map[string]string

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

// Load reads the files in dir that are named by the ids in [agent.Secrets]. A
// value that a tool or an editor has changed on its way is a [*value.Error].
func Load(dir string) (Set, error) {
	s := Set{}
	for _, id := range agent.Secrets {
		v, err := read(filepath.Join(dir, id))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading secret %s: %w", id, err)
		}
		if v, err = check(id, v); err != nil {
			return nil, err
		}
		if v != "" {
			s[id] = v
		}
	}
	return s, nil
}

// check returns the value of a secret, trimmed, or says what is wrong with it.
func check(id, raw string) (string, error) {
	if slices.Contains(agent.CertificateSecrets, id) {
		return value.Text(id, raw)
	}
	return value.Read(id, raw)
}

func read(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	dt, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return "", err
	}
	if len(dt) > maxSize {
		return "", fmt.Errorf("it has more than %d bytes", maxSize)
	}
	return string(dt), nil
}

// Credentials returns the API details in s, complete and normalised, or a
// [*MissingError].
func (s Set) Credentials() (deploy.Credentials, error) {
	var missing []string
	for _, id := range []string{agent.SecretAPIToken, agent.SecretTenant} {
		if s[id] == "" {
			missing = append(missing, id)
		}
	}
	if s[agent.SecretAPIURL] == "" && len(missing) == 2 {
		// Nothing was passed at all; the address can be done without only
		// where the rest is there.
		missing = append(missing, agent.SecretAPIURL)
	}
	if len(missing) > 0 {
		return deploy.Credentials{}, &MissingError{IDs: missing}
	}
	return deploy.Credentials{
		URL:    s[agent.SecretAPIURL],
		Tenant: s[agent.SecretTenant],
		Token:  s[agent.SecretAPIToken],
	}.Normalize()
}

// Client returns a client of the Deployment API for the credentials in s.
func (s Set) Client() (*deploy.Client, error) { return s.ClientWith(deploy.Options{}) }

// ClientWith is Client with a limit of time and patience of one's own.
func (s Set) ClientWith(o deploy.Options) (*deploy.Client, error) {
	c, err := s.Credentials()
	if err != nil {
		return nil, err
	}
	o.RootCAs, o.Proxy, o.UserAgent = []byte(s[agent.SecretCACert]), s[agent.SecretProxy], version.UserAgent("dt-frontend")
	return deploy.New(c, o)
}
