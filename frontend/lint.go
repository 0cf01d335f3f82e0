package frontend

import (
	"context"
	"errors"
	"fmt"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend/rule"
	"github.com/org/dt-frontend/internal/agent"
)

// lint is BuildKit's own check of the Dockerfile, and ours. OptErr is what is
// wrong with our options.
func (b *build) lint(ctx context.Context, optErr error) (*lint.LintResults, error) {
	results, err := dockerfile2llb.DockerfileLint(ctx, b.dockerfile, b.convertOpt(ctx))
	if err != nil {
		return nil, err
	}
	source := results.AddSource(b.src.SourceMap)
	l, err := b.linter(func(name, description, url, msg string, location []parser.Range) {
		results.AddWarning(name, description, url, msg, source, location)
	})
	if err != nil {
		return nil, err
	}
	var f *failure
	if errors.As(optErr, &f) {
		l.Run(&rule.Directive, b.place(f), rule.Directive.Format(f.message))
	}
	rule.Check(l, b.dockerfile, b.BuildArgs)
	for _, tech := range undocumented(agent.Spec{Flavor: b.options.Flavor, Include: b.options.Include}) {
		l.Run(&rule.Technology, b.syntaxLine(), rule.Technology.Format(tech, string(b.options.Flavor)))
	}
	if err := l.Error(); err != nil && results.Error == nil {
		results.Error = &lint.BuildError{Message: err.Error(), Location: pb.Location{SourceIndex: int32(source)}}
	}
	return results, nil
}

// linter returns one with the settings of the check directive or build arg, as
// BuildKit's own has them.
func (b *build) linter(warn linter.LintWarnFunc) (*linter.Linter, error) {
	config := b.LinterConfig
	if config == nil {
		text, _, _, _ := parser.ParseDirective("check", b.dockerfile)
		var err error
		if config, err = linter.ParseLintOptions(text); err != nil {
			return nil, fmt.Errorf("reading the check directive: %w", err)
		}
	}
	own := *config
	own.Warn = warn
	return linter.New(&own), nil
}

// refuse returns an error if the Dockerfile or a build arg holds a token, before
// anything is built, and warns of what ties the image to one environment.
func (b *build) refuse(ctx context.Context) error {
	for _, u := range rule.Uses(b.dockerfile, b.BuildArgs) {
		line := 0
		if len(u.Location) > 0 {
			line = u.Location[0].Start.Line
		}
		switch {
		case u.IsToken() && u.Location == nil:
			return &failure{message: rule.SecretInArgOrEnv.Format(u.What, u.Name) +
				". The builder has recorded it by now: revoke the token"}
		case u.IsToken():
			return &failure{message: rule.SecretInArgOrEnv.Format(u.What, u.Name), line: line}
		case u.Location != nil:
			b.warnAt(ctx, line, rule.LinkInArgOrEnv.Format(u.What, u.Name))
		default:
			b.warn(ctx, rule.LinkInArgOrEnv.Format(u.What, u.Name))
		}
	}
	return nil
}
