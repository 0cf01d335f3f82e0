package secret

import (
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan"
)

// NewRedactor hides every secret of some environments by its id. A message so
// treated may go into a build's log: with the promise that no cluster address is
// in it, even the host's name may not.
func NewRedactor(sets ...Set) *scan.Redactor {
	r := scan.NewRedactor()
	for _, s := range sets {
		for id, v := range s.All() {
			if variable.KindOf(id).IsAddress() {
				r.AddURL(id, v)
			} else {
				r.Add(scan.Value{Kind: id, Value: v})
			}
		}
		// The address may be made of the environment's id.
		if c, err := s.Credentials(); err == nil {
			r.AddURL(agent.SecretAPIURL, c.URL())
		}
	}
	return r
}
