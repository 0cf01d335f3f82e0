package app

import (
	"context"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/frontend/task"
)

// Begin begins to build the app.
func (a *App) Begin(ctx context.Context, solver solve.Solver) {
	a.Built = task.Begin(func() (detect.Files, error) { return Files(solver.Evaluate(ctx, a.State)) })
}

// Files returns those of ref to look at, or nil for none.
func Files(ref client.Reference, err error) (detect.Files, error) {
	if err != nil || ref == nil {
		return nil, err
	}
	return detect.Memo(ref), nil
}
