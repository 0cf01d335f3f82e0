package rule

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
)

// docs is where rules are explained.
const docs = "https://github.com/org/dt-frontend/blob/main/docs/rules.md#"

// risk says what comes of a variable in the open.
func risk(name string) string {
	if name == agent.SecretProxy {
		return "may put a password"
	}
	return "puts a token"
}

// instead says what to do with it.
func instead(name string) string {
	switch name {
	case agent.SecretAPIToken, agent.SecretProxy, agent.SecretAgentCA, agent.SecretInstallerCA:
		return "pass it with --secret id=" + name
	case variable.PaaSToken:
		return "pass it with --secret id=" + agent.SecretAPIToken
	}
	return "set it when the container starts"
}

var (
	// SecretInArgOrEnv is about a token, or what may hold a password, as ARG, ENV
	// or build arg. A build refuses it.
	SecretInArgOrEnv = linter.LinterRule[func(what, name string) string]{
		Name:        "DynatraceSecretInArgOrEnv",
		Description: "Dynatrace tokens should be passed as secrets only",
		URL:         docs + "dynatracesecretinargorenv",
		Format: func(what, name string) string {
			return fmt.Sprintf("%s %s %s into the builder's history and the image's: %s", what, name, risk(name), instead(name))
		},
	}
	// LinkInArgOrEnv is about an address, an environment id or a certificate as
	// ARG or ENV. Apps use these, so a build goes on.
	LinkInArgOrEnv = linter.LinterRule[func(what, name string) string]{
		Name:        "DynatraceLinkInArgOrEnv",
		Description: "The environment that an image reports to should be set when its container starts",
		URL:         docs + "dynatracelinkinargorenv",
		Format: func(what, name string) string {
			return fmt.Sprintf("%s %s ties the image to one environment: %s", what, name, instead(name))
		},
	}
	// SecretMount is about an app's step that is given one of our secrets.
	SecretMount = linter.LinterRule[func(id string) string]{
		Name:        "DynatraceSecretMount",
		Description: "Steps of the app should not mount the agent's secrets",
		URL:         docs + "dynatracesecretmount",
		Format: func(id string) string {
			return fmt.Sprintf("this step can read secret %s, which is for the agent's own steps", id)
		},
	}
	// Directive is about options that cannot be read.
	Directive = linter.LinterRule[func(message string) string]{
		Name:        "DynatraceOptions",
		Description: "Options of the agent should be valid",
		URL:         docs + "dynatraceoptions",
		Format:      func(message string) string { return message },
	}
	// Volume is about a volume over what we put into an image. A build refuses a
	// volume that hides dt-start.
	Volume = linter.LinterRule[func(volume string, hidden agent.Hidden) string]{
		Name:        "DynatraceVolume",
		Description: "Volumes should not hide the agent",
		URL:         docs + "dynatracevolume",
		Format: func(volume string, hidden agent.Hidden) string {
			return fmt.Sprintf("VOLUME %s hides %s. Declare the directories that the app writes to instead", volume, hidden)
		},
	}
	// ImageTrust is about a variable of the image that decides where others send
	// their tokens.
	ImageTrust = linter.LinterRule[func(from, name, does string) string]{
		Name:        "DynatraceImageTrust",
		Description: "Images should leave it to the container where tokens are sent",
		URL:         docs + "dynatraceimagetrust",
		Format: func(from, name, does string) string {
			then := "does not send a token that way, so the app may run unmonitored"
			if strings.HasPrefix(name, variable.StartPrefix) {
				then = "ignores it"
			}
			return fmt.Sprintf("%s %s %s. dt-start %s: set %s when the container starts", from, name, does, then, name)
		},
	}
	// Inactive is about what keeps the agent from being loaded.
	Inactive = linter.LinterRule[func(from, what string) string]{
		Name:        "DynatraceInactive",
		Description: "Images should load the agent that they hold",
		URL:         docs + "dynatraceinactive",
		Format:      func(from, what string) string { return from + " " + what },
	}
	// Technology is about technologies that a flavor was not documented with.
	Technology = linter.LinterRule[func(flavor string, documented, others []string) string]{
		Name:        "DynatraceTechnology",
		Description: "Technologies should be available for the flavor",
		URL:         docs + "dynatracetechnology",
		Format: func(flavor string, documented, others []string) string {
			return fmt.Sprintf("for flavor %s the installer is documented with %s only: the cluster may not have %s",
				flavor, strings.Join(documented, ", "), strings.Join(others, ", "))
		},
	}
)
