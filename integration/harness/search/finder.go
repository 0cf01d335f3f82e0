package search

import (
	"slices"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// Finder collects where values are.
type Finder struct {
	needles *Needles
	// Found has names of texts by those of secrets.
	Found map[string][]string
}

// NewFinder prepares a search for secrets. A value that is too short panics.
func NewFinder(secrets []cluster.Secret) *Finder {
	return &Finder{NewNeedles(secrets), map[string][]string{}}
}

// Look looks into one text, without unpacking it; see [Unpack].
func (f *Finder) Look(name string, dt []byte) {
	f.needles.In(dt, func(secret string) {
		if list := f.Found[secret]; !slices.Contains(list, name) {
			f.Found[secret] = append(list, name)
		}
	})
}
