package check

import (
	"context"
	"fmt"

	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/internal/agent"
)

// maxPreloadFile bounds a list of libraries, in bytes.
const maxPreloadFile = 1 << 20

// Preload looks at the list of libraries that glibc's loader reads in the
// built app: the name of another agent's library there keeps this build's agent
// from being loaded.
func (c *Checks) Preload(ctx context.Context, solver solve.Solver, a *app.App, load *payload.Payload) error {
	built, err := a.Built.Wait(ctx)
	if err != nil || built == nil || load.Alone {
		return err
	}
	at, st, err := detect.Find(ctx, built, agent.PreloadFile)
	if err != nil || st == nil || st.IsDir() || st.Size > maxPreloadFile {
		return err
	}
	ref, err := solver.Evaluate(ctx, a.State)
	if err != nil || ref == nil {
		return err
	}
	text, err := dockerui.ReadFile(ctx, ref, at)
	if err != nil {
		return fmt.Errorf("reading %s of the app: %w", agent.PreloadFile, err)
	}
	return c.checkPreloadList(ctx, string(text))
}

func (c *Checks) checkPreloadList(ctx context.Context, text string) error {
	libs := foreignLibraries(agent.WithoutComments(text))
	if len(libs) == 0 {
		return nil
	}
	return c.checkFindings(ctx, []finding{{kind: inactive, from: "the image's", name: agent.PreloadFile, what: agent.PreloadFile + namesAnother(libs)}})
}
