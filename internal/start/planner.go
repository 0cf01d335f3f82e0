package start

import (
	"context"

	"github.com/org/dt-frontend/internal/agent"
)

func newPlanner(in Input, env *environ) *planner {
	p := &planner{in: in, user: &environ{in.Env}, env: env, settings: &agent.Settings{}, plan: &Plan{Args: in.Args}}
	p.plan.Log.secrets = secretsOf(p.user)
	return p
}

// planner holds what the steps of one Make share.
type planner struct {
	in Input
	// user is the environment that we were given, env the app's.
	user     *environ
	env      *environ
	options  options
	settings *agent.Settings
	plan     *Plan
}

// command resolves the app, and reports whether there is one.
func (p *planner) command() bool {
	if len(p.in.Args) == 0 {
		p.plan.exit(exitNotFound, "nothing to start: the image has no entrypoint and no command, pass one (docker run IMAGE COMMAND)")
		return false
	}
	path, err := resolve(p.in.Files, p.user.get("PATH"), p.in.Args[0])
	if err != nil {
		p.plan.exit(err.exit, err.text)
		return false
	}
	p.plan.Path = path
	return true
}

// monitor adds the agent to the environment. Its error is why the app runs
// without. Unusable says what is wrong with the image's settings.
func (p *planner) monitor(ctx context.Context, unusable error) error {
	if off, err := p.switchedOff(); off {
		return err
	}
	if p.injected() {
		return nil
	}
	// Nobody is asked yet, but a source may say what an error means, and that
	// counts for the image's errors too.
	source, err := p.source()
	if unusable == nil {
		unusable = p.fits()
	}
	switch {
	case unusable != nil:
		return unusable
	case err != nil:
		return err
	case p.settings.Mode == agent.ModeRuntime:
		return p.provide(ctx, source)
	}
	details, err := p.details(ctx, source)
	if err != nil {
		return err
	}
	p.apply(source, details, agent.Dir)
	return nil
}

// fits returns nil where the app can have the agent that the image has, or is
// to get.
func (p *planner) fits() error {
	prepare := p.inImage
	if p.settings.Mode == agent.ModeRuntime {
		prepare = p.chooseFlavor
	}
	if err := prepare(); err != nil {
		return err
	}
	return p.loadable()
}
