package download

import (
	"fmt"
	"net/url"

	"github.com/org/dt-frontend/internal/agent"
)

// Kind is the form of an installer, as the Deployment API calls it.
type Kind string

// The forms for containers.
const (
	Script  Kind = "paas-sh" // a shell script that unpacks itself
	Archive Kind = "paas"    // a zip archive
)

// Request says which installer is meant.
type Request struct {
	Kind    Kind
	Spec    agent.Spec
	Version string
}

// String says what is done, for errors.
func (r Request) String() string {
	return fmt.Sprintf("downloading OneAgent %s (%s, %s, %s)", r.Version, r.Spec.Flavor, r.Spec.Arch, r.Spec.Technologies())
}

func (r Request) path() string {
	return "/unix/" + string(r.Kind) + "/version/" + url.PathEscape(r.Version)
}

func (r Request) query() url.Values {
	q := url.Values{
		"flavor":  {string(r.Spec.Flavor)},
		"arch":    {string(r.Spec.Arch)},
		"bitness": {"64"},
		// A request and no more: an installer can hold links all the same.
		"skipMetadata": {"true"},
		"include":      r.Spec.Include,
	}
	if len(r.Spec.Include) == 0 {
		q.Set("include", r.Spec.Technologies())
	}
	if r.Spec.NetworkZone != "" {
		q.Set("networkZone", r.Spec.NetworkZone)
	}
	return q
}
