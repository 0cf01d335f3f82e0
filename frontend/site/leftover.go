package site

import (
	"context"

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
