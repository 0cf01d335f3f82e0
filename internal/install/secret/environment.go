package secret

import (
	"fmt"

	"github.com/org/dt-frontend/internal/agent"
)

// FromEnvironment returns the secrets that environment variables of their names
// hold, or files that NAME_FILE names.
func FromEnvironment(getenv func(string) string) (Set, error) {
	values := map[string]string{}
	for _, id := range agent.ClusterSecrets {
		v := getenv(id)
		if file := getenv(id + "_FILE"); v == "" && file != "" {
			var err error
			if v, err = read(file); err != nil {
				return Set{}, fmt.Errorf("reading the file that %s_FILE names: %w", id, err)
			}
		}
		v, err := check(id, v)
		if err != nil {
			return Set{}, err
		}
		values[id] = v
	}
	return NewSet(values), nil
}
