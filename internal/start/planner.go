package start

import (
	"context"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/start/provision"
)

// planner takes the decisions of a start, one after the other. Make carries
// them out, and Diagnose prints them.
type planner struct {
	in Input
	// user is the environment that we were given, env the app's.
	user     *environ
	env      *environ
	options  options
	settings *agent.Settings
	plan     *Plan
	// all has the planner go on behind an obstacle, to find others. Without it
	// the first is the last.
	all bool
	// install puts an agent in place, which a diagnosis does not do.
	install func(ctx context.Context, r Request, o provision.Order, limit time.Duration) (*provision.Agent, error)

	decisions
}

// decisions are what a start has decided so far.
type decisions struct {
	// obstacles are what keeps the app from being monitored, in the order in
	// which a start meets them.
	obstacles []error
	// unusable says what is wrong with the image's settings.
	unusable error
	// injected says who has seen to an agent, so that nothing is added.
	injected string
	// source is where the communication details are from.
	source *Source
	// request is what the cluster is asked with, and answer how it answered.
	request *Request
	answer  *Answer
	// agent is the one that is in place, or that was installed, in run-time mode.
	agent *provision.Agent
}

func newPlanner(in Input) *planner {
	in.Args = command(in.Args)
	p := &planner{
		in: in, user: &environ{in.Env}, env: newEnviron(in.Env),
		settings: &agent.Settings{}, plan: &Plan{Args: in.Args},
	}
	p.install = p.installAgent
	p.plan.Log.secrets = secretsOf(p.user)
	return p
}

// stopsAt notes an obstacle, and reports whether the planner ends there.
func (p *planner) stopsAt(err error) bool {
	if err == nil {
		return false
	}
	p.obstacles = append(p.obstacles, err)
	return !p.all
}

// decide takes all decisions.
func (p *planner) decide(ctx context.Context) {
	p.options = p.readOptions()
	p.plan.Log.format = p.options.log
	if p.stopsAt(p.findApp()) {
		return
	}
	p.unusable = safely(p.readSettings)
	p.hideTokens()
	p.plan.plain = p.env.list()
	p.stopsAt(safely(func() error { p.monitor(ctx); return nil }))
	p.plan.onError = p.options.onError
}

// findApp finds the file that is executed.
func (p *planner) findApp() error {
	if len(p.in.Args) == 0 {
		return errNoCommand
	}
	path, err := resolve(p.in.Files, p.user.get("PATH"), p.in.Args[0])
	p.plan.Path = path
	return err
}

// monitor adds the agent to the environment.
func (p *planner) monitor(ctx context.Context) {
	if p.stopsAt(p.switchedOff()) || p.isInjected() {
		return
	}
	// Nobody is asked yet, but a source may say what an error means, and that
	// counts for the image's errors too.
	source, err := p.findSource()
	p.source = source
	if p.stopsAt(p.unusable) || p.unusable == nil && p.stopsAtMisfit() || p.stopsAt(err) {
		return
	}
	switch {
	case p.unusable != nil || source == nil:
		// A token goes nowhere unless the settings tell what the image sets.
	case p.settings.Mode == agent.ModeRuntime && p.settings.Flavor != "":
		p.provide(ctx, source)
	default:
		if details, err := p.details(ctx, source); !p.stopsAt(err) && err == nil {
			p.apply(source, details, agent.Dir)
		}
	}
}

// stopsAtMisfit notes why the app cannot have the agent that the image has, or
// is to get, and reports whether the planner ends there.
func (p *planner) stopsAtMisfit() bool {
	if p.settings.Mode != agent.ModeRuntime {
		return p.stopsAt(p.inImage()) || p.stopsAt(p.loadable())
	}
	err := p.chooseFlavor()
	return p.stopsAt(err) || err == nil && p.stopsAt(p.loadable())
}
