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
	// Replace removes what the app has at the same paths first: files of an older
	// agent would survive a merge.
	Replace bool
}

// Attach puts the agent and start layers onto app.
func Attach(app llb.State, a Attachment, layers ...llb.State) llb.State {
	if a.Replace {
		app = without(app, "[dynatrace] remove the agent of the base image", Owned...)
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

// AttachCertificate puts the certificate layer onto app. It has an attachment of
// its own, since it lies elsewhere than the agent.
func AttachCertificate(app llb.State, a Attachment, layer llb.State) llb.State {
	if a.Replace {
		app = without(app, "[dynatrace] remove the certificates of the base image", agent.CustomCAPath)
	}
	if !a.Merge {
		return copied(app, layer, agent.CustomCAPath, "[dynatrace] copy the certificates")
	}
	return llb.Merge([]llb.State{app, layer}, llb.WithCustomName("[dynatrace] merge the certificates"))
}

// without is app without what it has at paths.
func without(app llb.State, step string, paths ...string) llb.State {
	rm := llb.Rm(paths[0], llb.WithAllowNotFound(true))
	for _, name := range paths[1:] {
		rm = rm.Rm(name, llb.WithAllowNotFound(true))
	}
	return app.File(rm, llb.WithCustomName(step))
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
