package delivery

import (
	"context"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/frontend/task"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// Supplier brings agents into a build.
type Supplier interface {
	// Deliver returns the agent for a spec, and what the agent is to trust. An
	// error in words for the person who builds is a *notice.Error.
	Deliver(context.Context, agent.Spec, ocispecs.Platform) (*payload.Payload, error)
}

// Setup is what a supplier needs to know of a build.
type Setup struct {
	Client *dockerui.Client
	Solver solve.Solver
	// Self is the frontend's own image, which has the tools of the steps.
	Self    llb.State
	Options option.Options
	// Warn sends a warning to the person who builds.
	Warn func(string)
}

// noCacheName is the stage name by which --no-cache-filter reaches the agent's
// download.
const noCacheName = "dynatrace"

// offlineSteps are those of a build that asks no cluster.
func (s Setup) offlineSteps() dtllb.Steps {
	return dtllb.Steps{
		Tools:    dtllb.Tools(s.Self),
		Platform: s.Client.BuildPlatforms[0],
		Nonce:    dtllb.NewNonce(),
		NoCache:  s.Client.IsNoCache(noCacheName),
	}
}

// Certificates begins to look for the certificates that the agent is to trust
// where no cluster is asked. Without the step nobody knows whether the build was
// given any.
func (s Setup) Certificates(ctx context.Context) *task.Task[*payload.Certificates] {
	return task.Begin(func() (*payload.Certificates, error) {
		steps := s.offlineSteps()
		st := steps.Trust()
		ref, err := s.Solver.Evaluate(ctx, st)
		if err != nil {
			return nil, solve.Failure(ctx, s.Solver, steps.Tools, err)
		}
		report, err := solve.Report(ctx, ref, s.Warn)
		if err != nil {
			return nil, err
		}
		return payload.NewCertificates(st, report), nil
	})
}
