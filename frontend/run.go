package frontend

import (
	"context"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/attest"
	"github.com/org/dt-frontend/frontend/task"
)

// run makes the images that r asks for.
func run(ctx context.Context, r *request, self llb.State) (*client.Result, error) {
	p, err := newPlan(ctx, r)
	if err != nil {
		return nil, r.blame(err)
	}
	b := newBuild(ctx, r, p, self)
	if b.scan, err = attest.NewSBOM(ctx, r.Client, r.gateway); err != nil {
		return nil, err
	}
	if b.statements, err = attest.NewStatements(r.BuildOpts().Opts); err != nil {
		return nil, err
	}
	rb, err := r.Build(ctx, func(ctx context.Context, p *ocispecs.Platform, idx int) (res *dockerui.BuildResult, err error) {
		err = task.Guard(func() error {
			res, err = b.platform(ctx, p, idx)
			return err
		})()
		return res, err
	})
	r.warnings.Flush(ctx)
	if err != nil {
		return nil, r.blame(err)
	}
	if err := b.scan.Attest(ctx, r.solver, rb); err != nil {
		return nil, err
	}
	if err := b.statements.Attest(ctx, r.solver, rb); err != nil {
		return nil, err
	}
	return rb.Finalize()
}
