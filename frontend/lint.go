package frontend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
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
	// As in a build, nothing is said of a stage that gets no agent.
	wanted, stageErr := getsAgent(b.dockerfile, b.Target, b.options.Stages)
	var f *notice.Error
	if errors.As(cmp.Or(optErr, stageErr), &f) {
		l.Run(&rule.Directive, b.place(f), rule.Directive.Format(f.Message))
	}
	if wanted && b.options.Mode != option.ModeOff {
		rule.Check(l, b.dockerfile, b.BuildArgs)
		b.lintApp(ctx, l)
		b.lintTechnologies(l, agent.Spec{Flavor: b.options.Flavor, Include: b.options.Include})
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

// lintTechnologies runs the rule about technologies that spec may not have.
func (b *build) lintTechnologies(l *linter.Linter, spec agent.Spec) {
	if unlikely := undocumented(spec); len(unlikely) > 0 {
		l.Run(&rule.Technology, b.lineOf(option.KeyFlavor, option.KeyInclude),
			rule.Technology.Format(string(spec.Flavor), slices.Concat(agent.Technologies(nil).Names(), agent.KnownTechnologies(spec.Flavor)), unlikely))
	}
}

// lintApp runs the rules about the image that the Dockerfile makes. A Dockerfile
// that BuildKit cannot convert is BuildKit's own affair.
func (b *build) lintApp(ctx context.Context, l *linter.Linter) {
	opt := b.convertOpt(ctx)
	opt.Warn = nil
	opt.BuildArgs = maps.Clone(opt.BuildArgs)
	res, err := dockerfile2llb.Dockerfile2LLB(ctx, b.dockerfile, opt)
	if err != nil {
		return
	}
	b.lintFindings(l, b.findings(res.Image, makesAgentImage(&app{Result: res}, b.options)))
	if found, err := b.secretMounts(ctx, res, b.target(nil)); err == nil {
		// Those that the text tells are found already.
		text := rule.Mounts(b.dockerfile)
		rule.CheckMounts(l, rule.Together(text, found)[len(text):])
	}
	volumes, err := hidingVolumes(res.Image, b.options.Mode, "", asWritten)
	if err != nil {
		return
	}
	b.lintVolumes(l, volumes)
}

// refuse returns an error if the Dockerfile or a build arg holds a token, or what
// may hold a password, before anything is built and whatever is skipped. What else our rules find is a
// warning, or an error, as what BuildKit's own find.
func (b *build) refuse(ctx context.Context) error {
	for _, u := range rule.Uses(b.dockerfile, b.BuildArgs) {
		switch {
		case !u.IsToken():
		case u.Location == nil:
			return &notice.Error{Message: rule.SecretInArgOrEnv.Format(u.What, u.Name) +
				". The builder has recorded it by now: " + u.Remedy()}
		default:
			return &notice.Error{Message: rule.SecretInArgOrEnv.Format(u.What, u.Name), Line: u.Location[0].Start.Line}
		}
	}
	l, err := b.linter(b.warnings.Rule(ctx))
	if err != nil {
		return err
	}
	rule.Check(l, b.dockerfile, b.BuildArgs)
	return l.Error()
}
