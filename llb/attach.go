package llb

import (
	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
)

// Owned is what the layers put into an image.
var Owned = []string{agent.Dir, agent.StartPath, agent.SettingsPath, agent.SPDXPath, agent.CAPath}

// Attachment says how layers get onto an app.
type Attachment struct {
	// Merge puts the layers beside the app's, so that images share them and a
	// push needs nothing of them. It needs the daemon's MergeOp and an app
	// whose /opt the layers do not change; otherwise they are copied.
	Merge bool
	// Replace removes what the app has of [Owned] first: files of an older
	// agent would survive a merge.
	Replace bool
}

// Attach puts the agent and start layers onto app.
func Attach(app llb.State, a Attachment, layers ...llb.State) llb.State {
	if a.Replace {
		rm := llb.Rm(Owned[0], llb.WithAllowNotFound(true))
		for _, name := range Owned[1:] {
			rm = rm.Rm(name, llb.WithAllowNotFound(true))
		}
		app = app.File(rm, llb.WithCustomName("[dynatrace] remove the agent of the base image"))
	}
	if a.Merge {
		merged := append([]llb.State{app}, layers...)
		merged[len(layers)] = dated(app, merged[len(layers)])
		return llb.Merge(merged, llb.WithCustomName("[dynatrace] merge the agent"))
	}
	for _, layer := range layers {
		// The destination and not its parents: a copy resolves a symlink in
		// the destination's path, but replaces one within what it copies.
		app = app.File(
			llb.Copy(layer, agent.Root, agent.Root,
				&llb.CopyInfo{CopyDirContentsOnly: true, CreateDestPath: true}, llb.WithCreatedTime(epoch)),
			llb.WithCustomName("[dynatrace] copy the agent"),
		)
	}
	return app
}
