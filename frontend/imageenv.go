package frontend

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/rule"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
)

// finding is something in an image's config that concerns tokens or keeps the
// agent from being loaded. It goes by the config as the build leaves it: what a
// base image brings is not in the Dockerfile's text, and nor is the value of a
// variable.
type finding struct {
	kind kind
	// from says where the image has it from, for people.
	from string
	// name is the variable's.
	name string
	// what completes a sentence that begins with from.
	what string
	rule.Origin
	// later says that a build from the image gets it, and not the image itself.
	later bool
}

type kind int

const (
	// isToken is refused whatever the options say.
	isToken kind = iota
	steers
	inactive
)

// message is what a rule says of it.
func (f finding) message() string {
	switch f.kind {
	case isToken:
		return f.from + " " + f.what
	case steers:
		return rule.ImageTrust.Format(f.from, f.name, f.what)
	}
	return rule.Inactive.Format(f.from, f.what)
}

// findings judges the environment of an image.
func (b *build) findings(img *dockerspec.DockerOCIImage, alone bool) []finding {
	var out []finding
	add := func(k kind, name, what string, later bool) {
		f := finding{kind: k, name: name, what: what, later: later, from: "ENV", Origin: rule.EnvOrigin(b.dockerfile, b.Target, name, later)}
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

// tokensByForm finds what has the form of an API token.
var tokensByForm = sync.OnceValue(func() *scan.Scanner { return scan.New(nil) })

// holdsToken says what a variable of an image gives away; "" says nothing.
func holdsToken(name, value string) string {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return ""
	case slices.Contains(agent.TokenVariables, name):
		return strings.TrimPrefix(rule.SecretInArgOrEnv.Format("", name), " ")
	case name == agent.SecretProxy && hasPassword(value):
		return strings.TrimPrefix(rule.SecretInArgOrEnv.Format("", name), " ")
	case len(tokensByForm().String(value)) > 0:
		return name + " holds an API token, which everybody who has the image can read: set it when the container starts"
	}
	return ""
}

func hasPassword(proxy string) bool {
	u, err := url.Parse(proxy)
	if err != nil {
		return true // nobody can tell
	}
	_, has := u.User.Password()
	return has
}

// foreignLibraries returns the libraries of a list for the loader that are those
// of another agent than the build's.
func foreignLibraries(list string) []string {
	return slices.DeleteFunc(agent.ProcessLibraries(list), func(lib string) bool { return agent.IsIn(lib, agent.Dir) })
}

func namesAnother(libs []string) string {
	return fmt.Sprintf(" names another agent's library (%s): if it is in the container, it is loaded instead of the agent of this build",
		strings.Join(libs, " "))
}

// isFatal reports whether a build fails with a finding.
func (b *build) isFatal(f finding) bool {
	switch f.kind {
	case isToken:
		return true
	case steers:
		return b.options.ImageTrust == option.TrustRefuse
	}
	return !f.later && b.options.IsEnforced(option.KeyMode)
}

// checkEnvironment refuses what the options refuse in the environment of an
// image, and warns of the rest.
func (b *build) checkEnvironment(ctx context.Context, img *dockerspec.DockerOCIImage, alone bool) error {
	return b.checkFindings(ctx, b.findings(img, alone))
}

func (b *build) checkFindings(ctx context.Context, all []finding) error {
	for _, f := range all {
		if b.isFatal(f) {
			return &notice.Error{Message: f.message() + b.remedy(f), Line: f.Line()}
		}
	}
	l, err := b.linter(b.warnings.Rule(ctx))
	if err != nil {
		return err
	}
	b.lintFindings(l, all)
	return l.Error()
}

// remedy says what to do about a finding that a build fails with.
func (b *build) remedy(f finding) string {
	key := option.KeyMode
	switch {
	case f.kind == isToken && f.Base != "":
		return ". Whoever has the base image has the value: " + rule.Use{Name: f.name}.Remedy() + ", and name a base image without it"
	case f.kind == isToken:
		return ""
	case f.kind == steers:
		key = option.KeyImageTrust
	}
	if b.options.IsEnforced(key) {
		return ". " + key + " is set by the frontend image, which does not let it be changed: remove " + f.name
	}
	return ", or set " + key + "=" + string(option.TrustAllow) + " if you trust the image"
}

// lintFindings runs the rules about findings. Those of tokens that the text of
// the Dockerfile tells are left to [rule.Check].
func (b *build) lintFindings(l *linter.Linter, all []finding) {
	uses := rule.Uses(b.dockerfile, nil)
	for _, f := range all {
		at := f.Location
		if at == nil {
			at = b.warnings.Syntax
		}
		switch f.kind {
		case isToken:
			if !slices.ContainsFunc(uses, func(u rule.Use) bool { return u.Name == f.name && u.What == "ENV" }) {
				l.Run(&rule.SecretInArgOrEnv, at, f.message())
			}
		case steers:
			if b.options.ImageTrust != option.TrustAllow {
				l.Run(&rule.ImageTrust, at, f.message())
			}
		case inactive:
			l.Run(&rule.Inactive, at, f.message())
		}
	}
}
