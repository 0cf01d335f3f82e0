package check

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

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
