package check

import (
	"context"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/rule"
	"github.com/org/dt-frontend/internal/agent"
)

// Lint runs all rules about the Dockerfile, and about the image that it makes
// by opt. Its steps are marshalled with constraints.
func (c *Checks) Lint(ctx context.Context, l *linter.Linter, opt dockerfile2llb.ConvertOpt, constraints ...llb.ConstraintsOpt) {
	rule.Check(l, c.Dockerfile, c.BuildArgs)
	c.lintApp(ctx, l, opt, constraints...)
	c.lintTechnologies(l, agent.Spec{Flavor: c.Options.Flavor, Include: c.Options.Include})
}

// lintApp runs the rules about the image that the Dockerfile makes. A Dockerfile
// that BuildKit cannot convert is BuildKit's own affair.
func (c *Checks) lintApp(ctx context.Context, l *linter.Linter, opt dockerfile2llb.ConvertOpt, constraints ...llb.ConstraintsOpt) {
	opt.Warn = nil
	a, err := app.Convert(ctx, c.Dockerfile, opt, nil, 0)
	if err != nil {
		return
	}
	c.lintFindings(l, c.findings(a.Image, a.MakesAgentImage(c.Options)))
	if found, err := c.secretMounts(ctx, a.Result, constraints...); err == nil {
		// Those that the text tells are found already.
		text := rule.Mounts(c.Dockerfile)
		rule.CheckMounts(l, rule.Together(text, found)[len(text):])
	}
	volumes, err := hidingVolumes(a.Image, c.Options.Mode, "", asWritten)
	if err != nil {
		return
	}
	c.lintVolumes(l, volumes)
}
