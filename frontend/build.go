package frontend

import (
	"context"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/frontend/attest"
	"github.com/org/dt-frontend/frontend/check"
	"github.com/org/dt-frontend/frontend/delivery"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/task"
)

// build is one run of the frontend that makes images.
type build struct {
	*request
	// options are those in effect. Nobody writes to them.
	options option.Options
	// self is the frontend's own image.
	self   llb.State
	checks *check.Checks
	// agents brings agents in; nil in the modes that need none.
	agents delivery.Supplier
	// runtimeCA are the certificates that an agent is to trust which is installed
	// when its container starts; nil in the other modes.
	runtimeCA  *task.Task[*payload.Certificates]
	scan       *attest.SBOM
	statements *attest.Statements
}

// newBuild begins to ask for the agent, if there is one to bring in.
func newBuild(ctx context.Context, r *request, p plan, self llb.State) *build {
	b := &build{request: r, options: p.options, self: self, checks: r.checks(p.options)}
	setup := delivery.Setup{Client: r.Client, Solver: r.solver, Self: self, Options: p.options, Warn: r.warn(ctx)}
	switch {
	case p.options.Mode == option.ModeOff:
	case p.options.Mode == option.ModeRuntime:
		b.runtimeCA = setup.Certificates(ctx)
	case p.context != nil:
		setup.Client = p.context
		b.agents = setup.Context(ctx)
	default:
		b.agents = setup.Cluster(ctx, p.specs)
	}
	return b
}
