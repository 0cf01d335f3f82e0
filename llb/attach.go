package llb

import (
	"slices"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
)

// Owned is what the agent, start and settings layers put into an image.
var Owned = []string{agent.Dir, agent.StartPath, agent.SettingsPath, agent.SPDXPath}

// Attachment says how layers get onto an app.
type Attachment struct {
	// Merge puts the layers beside the app's, so that images share them and a
	// push needs nothing of them. It needs the daemon's MergeOp and an app whose
	// directories above the layers' files the layers do not change; otherwise the
	// files are copied.
	Merge bool
	// Replace removes what the app has of [Owned] first: files of an older agent
	// would survive a merge.
	Replace bool
	// Leftovers are files and directories that an agent left in the app, outside
	// of its own directory. They are removed.
	Leftovers []string
	// Certificate goes below the layers; nil is none.
	Certificate *Certificate
}

// Certificate is the certificate layer, and how it gets onto an app. It is apart
// from the other layers, since it lies elsewhere than they do.
type Certificate struct {
	Layer llb.State
	// Merge and Replace are as in [Attachment]. Replace removes what the app has
	// at [agent.CustomCAPath]: a copy would write through a symlink.
	Merge, Replace bool
}

// Removes returns what the attachment removes from an app first.
func (a Attachment) Removes() []string {
	var out []string
	if a.Replace {
		out = append(out, Owned...)
	}
	if a.Certificate != nil && a.Certificate.Replace {
		out = append(out, agent.CustomCAPath)
	}
	return append(out, a.Leftovers...)
}

// Attach puts the agent and start layers onto app.
func Attach(app llb.State, a Attachment, layers ...llb.State) llb.State {
	if names := a.Removes(); len(names) > 0 {
		app = without(app, names)
	}
	if c := a.Certificate; c != nil && !c.Merge {
		app = copied(app, c.Layer, agent.CustomCAPath, "[dynatrace] copy the certificates")
	} else if c != nil && a.Merge {
		layers = slices.Concat([]llb.State{c.Layer}, layers)
	} else if c != nil {
		app = llb.Merge([]llb.State{app, c.Layer}, llb.WithCustomName("[dynatrace] merge the certificates"))
	}
	if !a.Merge {
		for _, layer := range layers {
			app = copied(app, layer, agent.Root, "[dynatrace] copy the agent")
		}
		return app
	}
	merged := slices.Concat([]llb.State{app}, layers)
	merged[len(layers)] = dated(app, merged[len(layers)])
	return llb.Merge(merged, llb.WithCustomName("[dynatrace] merge the agent"))
}

// without is app without what it has by names.
func without(app llb.State, names []string) llb.State {
	rm := llb.Rm(names[0], llb.WithAllowNotFound(true))
	for _, name := range names[1:] {
		rm = rm.Rm(name, llb.WithAllowNotFound(true))
	}
	return app.File(rm, llb.WithCustomName("[dynatrace] remove the agent of the base image"))
}

// copied is app with a copy of what layer has at path. The directories above it
// are not copied: a copy follows a symlink in the destination's path, but
// replaces a symlink within what it copies.
func copied(app, layer llb.State, path, step string) llb.State {
	return app.File(
		llb.Copy(layer, path, path,
			&llb.CopyInfo{CopyDirContentsOnly: true, CreateDestPath: true}, llb.WithCreatedTime(epoch)),
		llb.WithCustomName(step),
	)
}
