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

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan/value"
)

// maxSize is the most that BuildKit lets a secret have, in bytes.
const maxSize = 500 << 10

// Load reads the files in dir that are named by the ids in [agent.Secrets]. A
// value that a tool or an editor has changed on its way is a [*value.Error].
func Load(dir string) (Set, error) {
	values := map[string]string{}
	for _, id := range agent.Secrets {
		v, err := read(filepath.Join(dir, id))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Set{}, fmt.Errorf("reading secret %s: %w", id, err)
		}
		if v, err = check(id, v); err != nil {
			return Set{}, err
		}
		values[id] = v
	}
	return NewSet(values), nil
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
