package frontend

import (
	"fmt"
	"strings"

	"github.com/org/dt-frontend/frontend/option"
)

const (
	// envOptions is the variable of the frontend image's own environment, by
	// which a platform team sets defaults for all who use its image.
	envOptions = "DYNATRACE"
	// argOptions is the build arg.
	argOptions = "DYNATRACE"
	// keyCmdline is where BuildKit hands on the syntax line, image and all.
	keyCmdline = "cmdline"
)

// readOptions merges what is set, lowest first: the frontend image's
// environment, what follows the image in the syntax line, the build arg.
func readOptions(getenv func(string) string, opts, buildArgs map[string]string) (option.Options, error) {
	var o option.Options
	_, rest, _ := strings.Cut(strings.TrimSpace(opts[keyCmdline]), " ")
	for _, from := range []struct{ name, text string }{
		{"the frontend image's environment variable " + envOptions, getenv(envOptions)},
		{"the syntax line", rest},
		{"--build-arg " + argOptions, buildArgs[argOptions]},
	} {
		if err := option.Parse(from.text, &o); err != nil {
			return option.Options{}, &failure{message: fmt.Sprintf("%s: %v", from.name, err)}
		}
	}
	return o, nil
}
