package attach

import (
	"context"
	"slices"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/site"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// shareBase leaves the agent layer out of load if the app has the same layer
// already, from its base image. The start helper and its documents are attached
// all the same: they replace the base image's.
func shareBase(ctx context.Context, a *app.App, load *payload.Payload, how *dtllb.Attachment) error {
	if !how.Merge || !how.Replace || load.Alone || !hasLayer(a, load.AgentLayer) {
		return nil
	}
	built, err := a.Built.Wait(ctx)
	if err != nil || built == nil {
		return err
	}
	same, err := site.IsPristine(ctx, built, *load.Installed)
	if err != nil || !same {
		return err
	}
	how.Replace = false
	load.Layers = load.Layers[1:]
	return nil
}

// hasLayer reports whether the base image of an app says that the agent layer
// with a diff ID is one of its layers. A label alone counts for nothing. A base
// image whose config has a diff ID that is not its layer's is trusted here as it
// is for everything else in it; dt-verify reads the layers.
func hasLayer(a *app.App, diffID string) bool {
	if a.BaseImage == nil || diffID == "" {
		return false
	}
	return a.BaseImage.Config.Labels[agent.LabelLayer] == diffID &&
		slices.Contains(a.BaseImage.RootFS.DiffIDs, digest.Digest(diffID))
}
