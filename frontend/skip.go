package frontend

import (
	"context"
	"errors"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/image"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
)

// agentError marks an error of what brings the agent in, as against one of the
// app's, of an option, or of the build itself.
type agentError struct{ error }

// Unwrap returns what went wrong.
func (e *agentError) Unwrap() error { return e.error }

// skippable returns the option that lets a build go on without the agent after
// err, or "". A pin that does not fit is never skipped: it is there to be
// believed. Nor is the end of a build.
func skippable(ctx context.Context, err error, o option.Options) string {
	var ae *agentError
	if !errors.As(err, &ae) || ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return ""
	}
	var f *notice.Error
	if !errors.As(err, &f) {
		f = &notice.Error{}
	}
	switch {
	case f.Cause == agent.CausePin:
		return ""
	case f.Cause == agent.CauseSecret && o.SkipMissingSecret:
		return "on-missing-secret=skip"
	case f.Cause != agent.CauseSecret && o.SkipError:
		return "on-error=skip"
	}
	return ""
}

// skip says that target gets no agent, and why.
func (b *build) skip(ctx context.Context, target ocispecs.Platform, a *app.App, option string, err error) {
	text := err.Error()
	var f *notice.Error
	if errors.As(err, &f) {
		text = f.Message
	}
	what := "is built without OneAgent"
	if image.IsInstrumented(a.Image) {
		what = "keeps the OneAgent of its base image"
	}
	b.warnings.SendFor(ctx, target, "the image for %s "+what+" ("+option+"): "+text)
}
