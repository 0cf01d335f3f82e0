package attach

import (
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/site"
	"github.com/org/dt-frontend/frontend/solve"
)

// Attacher decides how agents get onto the apps of one build.
type Attacher struct {
	Solver solve.Solver
	// Caps are what the builder can do.
	Caps     apicaps.CapSet
	Warnings *notice.Warnings
}

// cannotMerge says why a layer cannot be merged at a site; "" says that it can.
func (t Attacher) cannotMerge(at site.Site) string {
	caps := t.Caps
	switch {
	case caps.Supports(pb.CapMergeOp) != nil:
		return noMerge
	case at.Odd != "":
		return at.Odd + " in the image is a symlink, or has an owner or mode other than root and 0755, which a merge would change"
	}
	return ""
}

const noMerge = "this builder cannot merge layers (Docker Engine can with the containerd image store)"
