package llb

import "github.com/moby/buildkit/client/llb"

// WithoutLeftovers is app without files that an agent wrote outside of its own
// directory.
func WithoutLeftovers(app llb.State, paths []string) llb.State {
	if len(paths) == 0 {
		return app
	}
	rm := llb.Rm(paths[0], llb.WithAllowNotFound(true))
	for _, name := range paths[1:] {
		rm = rm.Rm(name, llb.WithAllowNotFound(true))
	}
	return app.File(rm, llb.WithCustomName("[dynatrace] remove what an agent left"))
}
