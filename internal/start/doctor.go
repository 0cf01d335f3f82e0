package start

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/org/dt-frontend/internal/start/provision"
)

// Diagnose takes the decisions of a start as [Make] does, but does not end at
// the first obstacle, and changes nothing. Without arguments there is no app to
// look at.
func Diagnose(ctx context.Context, in Input) *Diagnosis {
	// Nobody waits for an installation.
	in.Stderr = nil
	d := newDoctor(in)
	failed := safely(func() error { d.decide(ctx); return nil })
	d.obstacles = slices.DeleteFunc(d.obstacles, func(err error) bool { return errors.Is(err, errNoCommand) })
	for _, err := range append(d.obstacles, failed) {
		d.found.addMissing(err)
	}
	d.found.addMissing(safely(func() error { d.collect(ctx); return nil }))
	for _, l := range d.plan.Log.lines {
		if l.level == levelWarn {
			d.found.note("%s", l.text)
		}
	}
	d.found.Monitored = len(d.found.Missing) == 0
	if len(d.obstacles) > 0 {
		d.plan.end(d.obstacles[0])
		d.found.Exit = d.plan.Exit
	}
	return d.found
}

// doctor fills in a Diagnosis with what its planner decides, and with what a
// start does not ask for.
type doctor struct {
	*planner
	found *Diagnosis
	// offer is what the environment offers, once it was asked.
	offer *offer
	// installs says that the agent is not in place, but would be.
	installs bool
}

func newDoctor(in Input) *doctor {
	d := &doctor{planner: newPlanner(in), found: &Diagnosis{Missing: []string{}}}
	d.found.secrets = d.plan.Log.secrets
	d.all, d.install = true, d.wouldInstall
	return d
}

// wouldInstall stands in for the installation: it says whether that could be.
func (d *doctor) wouldInstall(ctx context.Context, r Request, o provision.Order, _ time.Duration) (*provision.Agent, error) {
	if listed := d.lists(ctx, r, o.Version); listed != nil && !*listed {
		return nil, notOffered(o)
	}
	dir, err := d.in.Installer.Where(o)
	if err != nil {
		return nil, err
	}
	other := o
	other.Version = ""
	if a, ok := d.in.Installer.Find(other); ok {
		d.found.note("OneAgent %s is in place and would be replaced", a.Version)
	}
	d.installs = true
	return &provision.Agent{Version: o.Version, Dir: dir}, nil
}

// collect describes what the decisions were about.
func (d *doctor) collect(ctx context.Context) {
	d.found.App = d.plan.Path
	if d.injected != "" {
		d.found.note("%s", d.injected)
		return
	}
	d.image()
	d.authority()
	d.communication(ctx)
	if d.unusable == nil {
		d.versions(ctx)
	}
}
