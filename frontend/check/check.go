package check

import (
	"context"
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/rule"
)

// Checks are run over one Dockerfile, and over what it makes.
type Checks struct {
	// Dockerfile is without our directive.
	Dockerfile []byte
	// SourceMap is of the Dockerfile as its author knows it.
	SourceMap *llb.SourceMap
	// Target is the stage that is built; "" is the last one.
	Target    string
	BuildArgs map[string]string
	// Linter are the linter's settings; nil stands for those of the Dockerfile.
	Linter  *linter.Config
	Options option.Options
	// OptionLine returns the line of the Dockerfile that has the last word on one
	// of keys, or nil.
	OptionLine func(keys ...string) []parser.Range
	Warnings   *notice.Warnings
}

// NewLinter returns a linter that sends what it finds to warn. It has the settings
// of the check directive or build arg, as BuildKit's own has them.
func (c *Checks) NewLinter(warn linter.LintWarnFunc) (*linter.Linter, error) {
	config := c.Linter
	if config == nil {
		text, _, _, _ := parser.ParseDirective("check", c.Dockerfile)
		var err error
		if config, err = linter.ParseLintOptions(text); err != nil {
			return nil, fmt.Errorf("reading the check directive: %w", err)
		}
	}
	own := *config
	own.Warn = warn
	return linter.New(&own), nil
}

// Text returns an error if the Dockerfile or a build arg holds a token, or what
// may hold a password, before anything is built and whatever is skipped. What else
// our rules find is a warning, or an error, as what BuildKit's own find.
func (c *Checks) Text(ctx context.Context) error {
	for _, u := range rule.Uses(c.Dockerfile, c.BuildArgs) {
		switch {
		case !u.IsToken():
		case u.Location == nil:
			return &notice.Error{Message: rule.SecretInArgOrEnv.Format(u.What, u.Name) +
				". The builder has recorded it by now: " + u.Remedy()}
		default:
			return &notice.Error{Message: rule.SecretInArgOrEnv.Format(u.What, u.Name), Line: u.Location[0].Start.Line}
		}
	}
	l, err := c.NewLinter(c.Warnings.Rule(ctx))
	if err != nil {
		return err
	}
	rule.Check(l, c.Dockerfile, c.BuildArgs)
	return l.Error()
}
