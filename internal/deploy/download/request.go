package download

import (
	"context"
	"fmt"
	"net/url"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
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
	return fmt.Sprintf("downloading OneAgent %s (%s, %s, %s)", r.Version, r.Spec.Flavor, r.Spec.Arch, r.Spec.Include)
}

func (r Request) path() string {
	return "/unix/" + string(r.Kind) + "/version/" + url.PathEscape(r.Version)
}

func (r Request) query() url.Values {
	q := r.identity()
	// A request and no more: an installer can hold links all the same.
	q.Set("skipMetadata", "true")
	return q
}

// Checksum asks for the SHA-256, in hex, that the cluster has for the zip archive
// of r; see [deploy.Client.Checksum].
func Checksum(ctx context.Context, client *deploy.Client, r Request) (string, error) {
	return client.Checksum(ctx, r.Version, r.identity())
}

// identity says which installer is meant, whatever an environment puts into it.
func (r Request) identity() url.Values {
	q := url.Values{
		"flavor":  {string(r.Spec.Flavor)},
		"arch":    {string(r.Spec.Arch)},
		"bitness": {"64"},
		"include": r.Spec.Include.Names(),
	}
	if r.Spec.NetworkZone != "" {
		q.Set("networkZone", r.Spec.NetworkZone)
	}
	return q
}
