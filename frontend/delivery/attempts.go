package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/task"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// sharedPatience is how long a build waits for steps that other builds may
// share. BuildKit begins such a step once any of their sessions has answered for
// its secret: a session that does not answer holds all of them. A download and
// an installation seldom take that long.
const sharedPatience = 2 * time.Minute

// attempts brings one agent into a build: by steps that other builds may share,
// and where these are of no use by steps of this build alone. Nobody else can
// hold those or make them fail.
type attempts struct {
	run      func(context.Context, dtllb.Steps) (*payload.Payload, error)
	steps    dtllb.Steps
	patience time.Duration
	// isOld reports whether an installer was downloaded by an earlier build.
	isOld func(downloaded time.Time) bool
	warn  func(string)
}

// settle returns the first agent that comes of any attempt.
func (a attempts) settle(ctx context.Context) (*payload.Payload, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the attempt that nobody waits for any more
	shared := task.Begin(func() (*payload.Payload, error) { return a.shared(ctx) })
	patience := time.NewTimer(a.patience)
	defer patience.Stop()
	select {
	case <-shared.Done:
		if shared.Err == nil || ctx.Err() != nil || !a.needsOwn(shared.Err) {
			return shared.Value, shared.Err
		}
		a.tellForeign(shared.Err)
		out, err := a.own(ctx)
		return out, moreTelling(shared.Err, err)
	case <-patience.C:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	a.warn("the steps that bring the agent, which builds of one environment share, take long, as where another build holds them up: this build runs its own in parallel")
	return either(ctx, shared, task.Begin(func() (*payload.Payload, error) { return a.own(ctx) }))
}

// either returns what the first of two attempts brings that succeeds.
func either(ctx context.Context, shared, own *task.Task[*payload.Payload]) (*payload.Payload, error) {
	first, second := shared, own
	select {
	case <-shared.Done:
	case <-own.Done:
		first, second = own, shared
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	// One that fails where the other is held has to end the build.
	if first.Err == nil || first == own {
		return first.Value, first.Err
	}
	out, err := second.Wait(ctx)
	return out, moreTelling(first.Err, err)
}

// shared runs the steps as BuildKit's cache has them, and again without it if
// the cache may be what was wrong: the cluster has been repaired since, or the
// download cannot be opened.
func (a attempts) shared(ctx context.Context) (*payload.Payload, error) {
	out, first := a.run(ctx, a.steps)
	if first == nil || !a.isStale(first) {
		return out, first
	}
	steps := a.steps
	steps.NoCache = true
	out, err := a.run(ctx, steps)
	return out, moreTelling(first, err)
}

// own runs steps of this build alone.
func (a attempts) own(ctx context.Context) (*payload.Payload, error) {
	steps := a.steps
	steps.NoCache, steps.Private = true, true
	return a.run(ctx, steps)
}

// isStale reports whether the cache may be why a step failed.
func (a attempts) isStale(err error) bool {
	var f *notice.Error
	return errors.As(err, &f) && (f.Unread || f.Cause == agent.CauseSealed || a.isOld(f.Downloaded))
}

// needsOwn reports whether steps failed for what may be another build's doing.
// What is not a failure is no word of the steps themselves, as where a session
// refuses a secret.
func (a attempts) needsOwn(err error) bool {
	var f *notice.Error
	return !errors.As(err, &f) || f.Cause == agent.CauseForeign || a.isStale(err)
}

// tellForeign warns of a build that was given what belongs to another one.
func (a attempts) tellForeign(err error) {
	var f *notice.Error
	if errors.As(err, &f) && f.Cause == agent.CauseForeign {
		a.warn("a step that brings the agent is shared with another build, which has another secret or another way to the network for it; this build runs its own: " +
			"look who else builds on this builder (https://github.com/org/dt-frontend/blob/main/docs/security.md)")
	}
}

// moreTelling returns the last error, unless it says less than the first.
func moreTelling(first, last error) error {
	var f *notice.Error
	if errors.As(last, &f) && f.Unread {
		return first
	}
	return last
}
