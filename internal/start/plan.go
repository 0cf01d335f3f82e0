package start

import (
	"context"
	"fmt"
	"io"

	"github.com/org/dt-frontend/internal/agent"
)

// Input is what a start can depend on.
type Input struct {
	// Version is dt-start's own, or empty if nobody is to know of it.
	Version string
	// Args are the app's, its name first.
	Args []string
	// Env is the container's environment.
	Env []string
	// Settings is what the build installed; Make reads it from Files where it
	// is nil.
	Settings *agent.Settings
	// Files is the root file system.
	Files Files
	// Cluster is asked for connection info where only API details are given.
	Cluster Cluster
	// Installer installs the agent in run-time mode.
	Installer Installer
	// Stderr is told how far that is; it may be nil.
	Stderr io.Writer
}

// Plan is what to do.
type Plan struct {
	// Exit is the exit code where nothing is to be started, else zero.
	Exit int
	// Path, Args and Env are the app's.
	Path string
	Args []string
	Env  []string
	// Monitored says that the agent gets into the app, as far as one can tell
	// before.
	Monitored bool
	// Log is what there is to say, oldest first.
	Log Log

	// plain is the environment without our additions.
	plain []string
	// onError is what happens where the app would run unmonitored.
	onError onError
}

// Exit codes. 126 and 127 are a shell's; 78 is EX_CONFIG of sysexits.h.
const (
	exitConfig        = 78
	exitNotExecutable = 126
	exitNotFound      = 127
)

// Make decides. It returns a plan whatever happens.
func Make(ctx context.Context, in Input) *Plan {
	env := newEnviron(in.Env)
	in.Args = command(in.Args)
	p := newPlanner(in, env)
	p.options = p.readOptions()
	p.plan.Log.format = p.options.log
	if !p.command() {
		return p.plan
	}
	unusable := safely(p.readSettings)
	p.hideTokens()
	p.plan.plain = env.list()
	err := safely(func() error { return p.monitor(ctx, unusable) })
	p.plan.onError = p.options.onError
	if err != nil {
		env = newEnviron(p.plan.plain)
		p.plan.Monitored = false
		p.plan.unmonitored(err)
	}
	p.plan.Env = env.list()
	return p.plan
}

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

func (p *Plan) exit(code int, text string) {
	p.Exit = code
	p.Log.add(levelError, text)
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

// unmonitored says why, and ends the start where that was asked for.
func (p *Plan) unmonitored(err error) {
	if p.onError == onErrorFail {
		p.exit(exitConfig, fmt.Sprintf("the app is not started, since it would run unmonitored: %v", err))
		return
	}
	p.Log.add(levelWarn, fmt.Sprintf("the app runs unmonitored: %v", err))
}

// safely turns a panic into an error: a defect of ours must not keep the app
// from starting.
func safely(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			// The value may quote data.
			err = fmt.Errorf("internal error of dt-start (%T)", r)
		}
	}()
	return f()
}
