package llb

import "github.com/moby/buildkit/client/llb"

// aside is where a layer passes through an app's files.
const aside = "/.dynatrace-layer"

// dated returns the bytes of layer as a layer that is made when app is. BuildKit
// gives an image the date of its top layer, and one that apps share is older
// than they are: such an image looks stale to who lists it, or cleans up by age.
//
// The layer passes through the app's files, of which nothing gets into it, since
// that ties the step to the app whatever is in there; the key of a mere copy
// from the app is what was copied. What the app has at that place is removed
// first, which the app itself is not.
func dated(app, layer llb.State) llb.State {
	if app.Output() == nil {
		return layer
	}
	through := llb.Rm(aside, llb.WithAllowNotFound(true)).Copy(layer, "/", aside, &llb.CopyInfo{CopyDirContentsOnly: true, CreateDestPath: true})
	return llb.Scratch().File(
		llb.Copy(through.WithState(app), aside+optDir, optDir,
			&llb.CopyInfo{CopyDirContentsOnly: true, CreateDestPath: true}, llb.WithCreatedTime(epoch)),
		llb.WithCustomName("[dynatrace] date the settings layer"),
	)
}
