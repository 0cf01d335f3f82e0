package check

import (
	"context"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/rule"
	"github.com/org/dt-frontend/internal/agent"
)

// findings judges the environment of an image.
func (c *Checks) findings(img *dockerspec.DockerOCIImage, alone bool) []finding {
	var out []finding
	add := func(k kind, name, what string, later bool) {
		f := finding{kind: k, name: name, what: what, later: later, from: "ENV", Origin: rule.EnvOrigin(c.Dockerfile, c.Target, name, later)}
		switch {
		case later:
			f.from = "ONBUILD ENV"
		case f.Base != "":
			f.from = "base image " + f.Base + ": ENV"
		}
		out = append(out, f)
	}
	for _, e := range img.Config.Env {
		name, value, _ := strings.Cut(e, "=")
		if what := holdsToken(name, value); what != "" {
			add(isToken, name, what, false)
		}
	}
	if alone {
		return out
	}
	for _, s := range agent.SteeringIn(img.Config.Env) {
		add(steers, s.Name, s.Does, false)
	}
	for _, trigger := range img.Config.OnBuild {
		for _, s := range agent.SteeringIn(rule.TriggerEnv(trigger)) {
			add(steers, s.Name, s.Does, true)
		}
	}
	for _, e := range img.Config.Env {
		name, value, _ := strings.Cut(e, "=")
		switch libs := foreignLibraries(value); {
		case name == agent.VarActive && agent.IsOff(value):
			add(inactive, name, name+"=false switches the agent off in every container that does not set it to true", false)
		case name == agent.VarPreload && len(libs) > 0:
			add(inactive, name, name+namesAnother(libs), false)
		}
	}
	return out
}

// isFatal reports whether a build fails with a finding.
func (c *Checks) isFatal(f finding) bool {
	switch f.kind {
	case isToken:
		return true
	case steers:
		return c.Options.ImageTrust == option.TrustRefuse
	}
	return !f.later && c.Options.IsEnforced(option.KeyMode)
}

// checkFindings refuses what the options refuse, and warns of the rest.
func (c *Checks) checkFindings(ctx context.Context, all []finding) error {
	for _, f := range all {
		if c.isFatal(f) {
			return &notice.Error{Message: f.message() + c.remedy(f), Line: f.Line()}
		}
	}
	l, err := c.NewLinter(c.Warnings.Rule(ctx))
	if err != nil {
		return err
	}
	c.lintFindings(l, all)
	return l.Error()
}

// remedy says what to do about a finding that a build fails with.
func (c *Checks) remedy(f finding) string {
	key := option.KeyMode
	switch {
	case f.kind == isToken && f.Base != "":
		return ". Whoever has the base image has the value: " + rule.Use{Name: f.name}.Remedy() + ", and name a base image without it"
	case f.kind == isToken:
		return ""
	case f.kind == steers:
		key = option.KeyImageTrust
	}
	if c.Options.IsEnforced(key) {
		return ". " + key + " is set by the frontend image, which does not let it be changed: remove " + f.name
	}
	return ", or set " + key + "=" + string(option.TrustAllow) + " if you trust the image"
}

// lintFindings runs the rules about findings. Those of tokens that the text of
// the Dockerfile tells are left to [rule.Check].
func (c *Checks) lintFindings(l *linter.Linter, all []finding) {
	uses := rule.Uses(c.Dockerfile, nil)
	for _, f := range all {
		at := f.Location
		if at == nil {
			at = c.Warnings.Syntax
		}
		switch f.kind {
		case isToken:
			if !slices.ContainsFunc(uses, func(u rule.Use) bool { return u.Name == f.name && u.What == "ENV" }) {
				l.Run(&rule.SecretInArgOrEnv, at, f.message())
			}
		case steers:
			if c.Options.ImageTrust != option.TrustAllow {
				l.Run(&rule.ImageTrust, at, f.message())
			}
		case inactive:
			l.Run(&rule.Inactive, at, f.message())
		}
	}
}
