package frontend

import (
	"context"
	"fmt"

	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/internal/agent"
)

// maxPreloadFile bounds a list of libraries, in bytes.
const maxPreloadFile = 1 << 20

// checkPreload looks at the list of libraries that glibc's loader reads in the
// built app: the name of another agent's library there keeps this build's agent
// from being loaded.
func (b *build) checkPreload(ctx context.Context, a *app, load *payload.Payload) error {
	built, err := a.built.Wait(ctx)
	if err != nil || built == nil || load.Alone {
		return err
	}
	at, st, err := detect.Find(ctx, built, agent.PreloadFile)
	if err != nil || st == nil || st.IsDir() || st.Size > maxPreloadFile {
		return err
	}
	ref, err := b.solver.Evaluate(ctx, a.State)
	if err != nil || ref == nil {
		return err
	}
	text, err := dockerui.ReadFile(ctx, ref, at)
	if err != nil {
		return fmt.Errorf("reading %s of the app: %w", agent.PreloadFile, err)
	}
	return b.checkPreloadList(ctx, string(text))
}

func (b *build) checkPreloadList(ctx context.Context, text string) error {
	libs := foreignLibraries(agent.WithoutComments(text))
	if len(libs) == 0 {
		return nil
	}
	return b.checkFindings(ctx, []finding{{kind: inactive, from: "the image's", name: agent.PreloadFile, what: agent.PreloadFile + namesAnother(libs)}})
}
