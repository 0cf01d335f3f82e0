package frontend

import (
	"context"

	"github.com/org/dt-frontend/frontend/agentspec"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/fit"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/internal/agent"
)

// payload returns what goes onto the app for target.
func (b *build) payload(ctx context.Context, a *app.App, finder *fit.Finder) (*payload.Payload, error) {
	target := finder.Target
	spec, err := agentspec.For(target, b.options)
	if err != nil {
		return nil, err
	}
	if b.options.Mode == option.ModeRuntime {
		ca, err := b.runtimeCA.Wait(ctx)
		if err != nil {
			return nil, &agentError{err}
		}
		return payload.Runtime(b.self, b.options, ca, spec.Arch, target)
	}
	if spec, err = b.choose(ctx, spec, finder); err != nil {
		return nil, err
	}
	load, err := b.agents.Deliver(ctx, spec, target)
	if err != nil {
		return nil, &agentError{err}
	}
	if a.MakesAgentImage(b.options) {
		if load.CA != nil {
			b.warnings.Send(ctx, agent.SecretAgentCA+" is ignored: an agent image holds the agent alone; pass the secret to the builds that take the agent from it")
		}
		return payload.AgentImage(load), nil
	}
	return load, nil
}

// choose completes spec with what the app's files tell, where the user left it
// to them.
func (b *build) choose(ctx context.Context, spec agent.Spec, finder *fit.Finder) (agent.Spec, error) {
	var err error
	if spec.Flavor == "" {
		if spec.Flavor, err = finder.Flavor(ctx, spec.Arch); err != nil {
			return spec, err
		}
	}
	if b.options.IncludeAuto {
		if spec.Include, err = finder.Technologies(ctx); err != nil {
			return spec, err
		}
	}
	if err := b.checks.Technologies(ctx, spec); err != nil {
		return spec, err
	}
	err = agentspec.Pin(&spec, b.options)
	return spec, err
}
