package llb

import (
	"github.com/moby/buildkit/client/llb"
)

// toolsPath is where the frontend's own image holds the root of build steps.
const toolsPath = "/tools"

// Tools copies the root of build steps out of the frontend's own image.
// BuildKit keys a copy by what it copies, so a new release of the frontend, or
// an organisation's image on top of it, runs nothing again unless the tools
// themselves have changed.
func Tools(self llb.State) llb.State {
	return llb.Scratch().File(
		llb.Copy(self, toolsPath, "/", &llb.CopyInfo{CopyDirContentsOnly: true}),
		internalName("load the build tools"),
	)
}

func internalName(name string) llb.ConstraintsOpt {
	return llb.WithCustomName("[internal] " + name)
}
