package frontend

import (
	"cmp"
	"context"
	"errors"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/rule"
)

// lint is BuildKit's own check of the Dockerfile, and ours. OptErr is what is
// wrong with our options.
func (r *request) lint(ctx context.Context, optErr error) (*lint.LintResults, error) {
	results, err := dockerfile2llb.DockerfileLint(ctx, r.settings.dockerfile, r.convertOpt(ctx))
	if err != nil {
		return nil, err
	}
	source := results.AddSource(r.src.SourceMap)
	checks := r.checks(r.settings.options)
	l, err := checks.NewLinter(func(name, description, url, msg string, location []parser.Range) {
		results.AddWarning(name, description, url, msg, source, location)
	})
	if err != nil {
		return nil, err
	}
	// As in a build, nothing is said of a stage that gets no agent.
	wanted, stageErr := getsAgent(r.settings.dockerfile, r.Target, r.settings.options.Stages)
	var f *notice.Error
	if errors.As(cmp.Or(optErr, stageErr), &f) {
		l.Run(&rule.Directive, r.place(f), rule.Directive.Format(f.Message))
	}
	if wanted && r.settings.options.Mode != option.ModeOff {
		checks.Lint(ctx, l, r.convertOpt(ctx), r.marshalOpts(r.target(nil))...)
	}
	if err := l.Error(); err != nil && results.Error == nil {
		results.Error = &lint.BuildError{Message: err.Error(), Location: pb.Location{SourceIndex: int32(source)}}
	}
	return results, nil
}
