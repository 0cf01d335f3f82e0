package check

import (
	"context"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/rule"
	"github.com/org/dt-frontend/internal/agent"
)

// Technologies checks that spec may have the technologies that it asks for.
func (c *Checks) Technologies(ctx context.Context, spec agent.Spec) error {
	l, err := c.NewLinter(c.Warnings.Rule(ctx))
	if err != nil {
		return err
	}
	c.lintTechnologies(l, spec)
	return l.Error()
}

// lintTechnologies runs the rule about technologies that spec may not have.
func (c *Checks) lintTechnologies(l *linter.Linter, spec agent.Spec) {
	if unlikely := undocumented(spec); len(unlikely) > 0 {
		l.Run(&rule.Technology, c.OptionLine(option.KeyFlavor, option.KeyInclude),
			rule.Technology.Format(string(spec.Flavor), slices.Concat(agent.Technologies(nil).Names(), agent.KnownTechnologies(spec.Flavor)), unlikely))
	}
}

// undocumented returns the technologies of spec that the installer was not
// documented with for its flavor.
func undocumented(spec agent.Spec) []string {
	known := agent.KnownTechnologies(spec.Flavor)
	return slices.DeleteFunc(slices.Clone([]string(spec.Include)), func(tech string) bool { return slices.Contains(known, tech) })
}
