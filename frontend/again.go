package frontend

import (
	"context"
	"os"
	"path"
	"slices"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/links"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/tonistiigi/fsutil/types"
)

// shareBase leaves the agent layer out of load if the app has the same layer
// already, from its base image. The start helper and its documents are attached
// all the same: they replace the base image's.
func (b *build) shareBase(ctx context.Context, a *app, load *payload, how *dtllb.Attachment) error {
	if !how.Merge || !how.Replace || load.alone || !hasLayer(a, load.agentLayer) {
		return nil
	}
	built, err := a.built.Wait(ctx)
	if err != nil || built == nil {
		return err
	}
	same, err := isPristine(ctx, built, *load.installed)
	if err != nil || !same {
		return err
	}
	how.Replace = false
	load.layers = load.layers[1:]
	return nil
}

// hasLayer reports whether the base image of an app says that the agent layer
// with a diff ID is one of its layers. A label alone counts for nothing. A base
// image whose config has a diff ID that is not its layer's is trusted here as it
// is for everything else in it; dt-verify reads the layers.
func hasLayer(a *app, diffID string) bool {
	if a.BaseImage == nil || diffID == "" {
		return false
	}
	return a.BaseImage.Config.Labels[agent.LabelLayer] == diffID &&
		slices.Contains(a.BaseImage.RootFS.DiffIDs, digest.Digest(diffID))
}

// isPristine reports whether the agent in the app is as its layer has it: no
// step of a Dockerfile changed, added or removed something. In the layer
// everything has the epoch as its time and belongs to root, and whatever changes
// a directory changes its time.
func isPristine(ctx context.Context, app detect.Files, in agent.Installed) (bool, error) {
	root, err := detect.Stat(ctx, app, agent.Dir)
	if err != nil || root == nil || !root.IsDir() || !isEpoch(root) {
		return false, err
	}
	files := 0
	for dirs := []string{agent.Dir}; len(dirs) > 0; dirs = dirs[1:] {
		entries, err := detect.List(ctx, app, dirs[0])
		if err != nil {
			return false, err
		}
		for _, st := range entries {
			name := path.Join(dirs[0], st.Path)
			switch {
			case !isEpoch(st), !st.IsDir() && links.IsLeftover(name):
				return false, nil
			case st.IsDir():
				dirs = append(dirs, name)
			case os.FileMode(st.Mode).IsRegular():
				files++
			}
		}
	}
	// Fewer files were removed in a way that left no trace. Names of one file
	// count once in the layer, and an agent image does not say how many it has.
	return files >= in.Files, nil
}

func isEpoch(st *types.Stat) bool { return st.ModTime == 0 && st.Uid == 0 && st.Gid == 0 }
