package start

import (
	"context"
	"errors"
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
	p := newPlanner(in)
	p.decide(ctx)
	if len(p.obstacles) > 0 {
		p.plan.end(p.obstacles[0])
		p.env = newEnviron(p.plan.plain)
	}
	p.plan.Env = p.env.list()
	return p.plan
}

// end decides what comes of an obstacle.
func (p *Plan) end(obstacle error) {
	p.Monitored = false
	var none *commandError
	switch {
	case errors.As(obstacle, &none):
		p.exit(none.exit, none.text)
	case errors.Is(obstacle, errOff):
		// It is as somebody wants it.
	default:
		p.unmonitored(obstacle)
	}
}

func (p *Plan) exit(code int, text string) {
	p.Exit = code
	p.Log.add(levelError, text)
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
