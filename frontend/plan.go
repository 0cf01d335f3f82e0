package frontend

import (
	"context"

	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/org/dt-frontend/frontend/agentspec"
	"github.com/org/dt-frontend/frontend/delivery"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
)

// plan is what a build settles before anything is built.
type plan struct {
	// options are those in effect. Nobody writes to them.
	options option.Options
	// context is the client whose build context brings the agent, or nil.
	context *dockerui.Client
	// specs are the agents that the build may need.
	specs []agent.Spec
}

// newPlan settles whether there is an agent to bring in, and from where. It
// refuses a Dockerfile that must not be built.
func newPlan(ctx context.Context, r *request) (p plan, err error) {
	if p.options, err = withStages(r.settings.options, r.settings.dockerfile, r.Target); err != nil || p.options.Mode == option.ModeOff {
		return p, err
	}
	if err := r.checks(p.options).Text(ctx); err != nil {
		return p, err
	}
	if p.options.PreloadEnv {
		r.warnings.Send(ctx, "preload=env: every program that a container runs loads the agent, shells and health checks among them")
	}
	// Without a platform to build for the last stage decides, and may name another
	// platform than the builder's own, which is only a guess.
	guessed := len(r.TargetPlatforms) == 0
	if p.specs, err = agentspec.All(r.targets(), p.options, guessed || p.options.SkipUnsupported); err != nil || p.options.Mode == option.ModeRuntime {
		return p, err
	}
	if p.context, err = delivery.ContextClient(r.Client, p.options); err != nil || p.context == nil {
		return p, err
	}
	p.options, err = delivery.ContextOptions(p.options, r.warn(ctx))
	return p, err
}
