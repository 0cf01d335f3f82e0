package frontend

import (
	"context"
	"strings"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/internal/agent/links"
)

// leftovers returns what a run of an agent left in the app, outside of the
// agent's own directory: an agent that ran while the app was built, or in the
// container that its base image was made of. The agent prefers a configuration
// that it finds there to the image's own.
func leftovers(ctx context.Context, app detect.Files) ([]string, error) {
	var out []string
	for _, name := range links.HostLeftovers {
		st, err := detect.Stat(ctx, app, name)
		if err != nil {
			return nil, err
		}
		if st != nil && st.IsDir() {
			// An empty directory was made for an agent to write into.
			entries, err := detect.List(ctx, app, name)
			if err != nil {
				return nil, err
			}
			if len(entries) == 0 {
				continue
			}
		}
		if st != nil {
			out = append(out, name)
		}
	}
	return out, nil
}

// warnLeftovers says what the build takes out of the image, and returns it.
func (b *build) warnLeftovers(ctx context.Context, left []string, target ocispecs.Platform) []string {
	if len(left) > 0 {
		b.warnings.SendFor(ctx, target, "an agent ran in the image for %s before it was finished and left files that the next agent would use: the build removes "+
			strings.Join(left, ", "))
	}
	return left
}
