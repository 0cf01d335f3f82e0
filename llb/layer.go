package llb

import (
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
)

// epoch is the time of everything in our layers. It is fixed, whatever
// SOURCE_DATE_EPOCH says, so that the agent layer is the same in every image.
var epoch = time.Unix(0, 0).UTC()

// AgentLayer packs an installed tree into one layer: the same bytes whoever
// builds it.
func (s Steps) AgentLayer(tree llb.State) llb.State {
	// Options after the struct: it overwrites what stands before it.
	return llb.Scratch().File(
		llb.Copy(tree, "/dynatrace", agent.Root,
			&llb.CopyInfo{CopyDirContentsOnly: true, CreateDestPath: true},
			llb.WithCreatedTime(epoch)),
		append(s.fresh(), llb.WithCustomName("[dynatrace] pack the agent layer"))...,
	)
}

// StartHelper returns where the frontend's own image holds the start helper for
// arch, by its OCI name.
func StartHelper(arch string) string {
	return "/start/linux_" + arch + "/dt-start"
}

// StartLayer packs the start helper for arch from the frontend's own image, which
// holds one for each target: the same bytes whatever agent it starts.
func StartLayer(self llb.State, arch string) llb.State {
	return packed("start", optDir, llb.Copy(self, StartHelper(arch), agent.StartPath, &llb.CopyInfo{CreateDestPath: true}))
}

// StartFiles are the documents that go into an image beside the start helper.
type StartFiles struct {
	Settings []byte
	SPDX     []byte // nil for an image without an agent
	// Documents are those of the installation that the files were made of; nil
	// for an image without an agent. Nothing of them gets into the layer, but a
	// cache that is exported with the image holds what is part of its graph
	// only: whoever imports it would have to install again to read them.
	Documents *llb.State
}

// SettingsLayer packs documents. It is small, and apart from the helper, which
// would have to be packed again for each of them.
func SettingsLayer(files StartFiles) llb.State {
	collect := llb.Mkdir(agent.Root, 0o755, llb.WithParents(true)).
		Mkfile(agent.SettingsPath, 0o644, files.Settings)
	if files.SPDX != nil {
		collect = collect.Mkfile(agent.SPDXPath, 0o644, files.SPDX)
	}
	if files.Documents != nil {
		collect = collect.Copy(*files.Documents, "/"+agent.InstalledFile, "/"+agent.InstalledFile, &llb.CopyInfo{})
	}
	return packed("settings", optDir, collect)
}

// optDir is the directory at the root of a file system that holds the product.
const optDir = agent.Prefix

// packed is what actions leave below the directory top, as a layer of its own. A
// directory that several actions write into keeps the time of the last action;
// one copy of the whole gives everything the epoch.
func packed(what, top string, actions *llb.FileAction) llb.State {
	parts := llb.Scratch().File(actions, internalName("collect the "+what+" layer"))
	return llb.Scratch().File(
		llb.Copy(parts, top, top, &llb.CopyInfo{CopyDirContentsOnly: true, CreateDestPath: true}, llb.WithCreatedTime(epoch)),
		llb.WithCustomName("[dynatrace] pack the "+what+" layer"),
	)
}
