package rule

import (
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
)

// tokens are variables whose values may be nowhere, and links those that tie an
// image to an environment. The address of a proxy may have a password in it.
var (
	tokens = variable.Names(func(s variable.Secret) bool { return s.Kind.MayOpen() })
	links  = variable.Names(func(s variable.Secret) bool { return !s.Kind.MayOpen() })
)

// Use is a variable that is set where it should not be.
type Use struct {
	// What is ARG, ENV or --build-arg.
	What string
	Name string
	// Location is nil for a build arg.
	Location []parser.Range
}

// IsToken reports whether the variable holds a token, or may hold a password.
func (u Use) IsToken() bool { return slices.Contains(tokens, u.Name) }

// Remedy says what to do once such a variable's value has been recorded.
func (u Use) Remedy() string {
	if u.Name == agent.SecretProxy {
		return "change the proxy's password, if it has one"
	}
	return "revoke the token"
}

// Uses returns the variables of ours that a Dockerfile and the build args set.
// A Dockerfile that BuildKit cannot parse has none: BuildKit says so itself.
func Uses(dockerfile []byte, buildArgs map[string]string) []Use {
	var out []Use
	add := func(what, name string, location []parser.Range) {
		if slices.Contains(tokens, name) || slices.Contains(links, name) {
			out = append(out, Use{what, name, location})
		}
	}
	for _, name := range slices.Concat(tokens, links) {
		if _, ok := buildArgs[name]; ok {
			add("--build-arg", name, nil)
		}
	}
	each(dockerfile, func(cmd instructions.Command) {
		switch c := cmd.(type) {
		case *instructions.ArgCommand:
			for _, a := range c.Args {
				add("ARG", a.Key, c.Location())
			}
		case *instructions.EnvCommand:
			for _, e := range c.Env {
				add("ENV", e.Key, c.Location())
			}
		}
	})
	return out
}

// Check runs the rules about a Dockerfile's instructions.
func Check(lint *linter.Linter, dockerfile []byte, buildArgs map[string]string) {
	for _, u := range Uses(dockerfile, buildArgs) {
		if u.IsToken() {
			lint.Run(&SecretInArgOrEnv, u.Location, SecretInArgOrEnv.Format(u.What, u.Name))
		} else {
			lint.Run(&LinkInArgOrEnv, u.Location, LinkInArgOrEnv.Format(u.What, u.Name))
		}
	}
	CheckMounts(lint, Mounts(dockerfile))
}

// CheckMounts runs the rule about steps that are given the agent's secrets.
func CheckMounts(lint *linter.Linter, mounts []Mount) {
	for _, m := range mounts {
		lint.Run(&SecretMount, m.Location, SecretMount.Format(m.ID))
	}
}
