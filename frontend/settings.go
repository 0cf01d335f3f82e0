package frontend

import (
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
)

const (
	// envOptions is the variable of the frontend image's own environment, by
	// which a platform team sets defaults for all who use its image, and
	// envEnforce names the keys of it that nobody may change.
	envOptions = "DYNATRACE"
	envEnforce = "DYNATRACE_ENFORCE"
	// argOptions is the build arg.
	argOptions = "DYNATRACE"
)

// Names of the sources of options that stand in the Dockerfile.
const (
	sourceSyntax    = "the syntax line"
	sourceDirective = "the dynatrace directive"
)

// settings are the options of a request, and where they were set.
type settings struct {
	options option.Options
	origins option.Origins
	// dockerfile is without the directive, for BuildKit's parser.
	dockerfile []byte
	// directiveLine is where the directive stands, and stray where one stands
	// that is ignored. Both count from 1; 0 is none.
	directiveLine, stray int
}

// readSettings merges what is set, lowest first: the frontend image's
// environment, what follows the image in the syntax line, the directive, the
// build arg. It takes the directive out of the Dockerfile.
func readSettings(dockerfile []byte, bc *dockerui.Client, getenv func(string) string) (settings, error) {
	directive, blanked, stray, err := option.FindDirective(dockerfile)
	var de *option.DirectiveError
	if errors.As(err, &de) {
		return settings{dockerfile: dockerfile}, &notice.Error{Message: de.Error(), Line: de.Line}
	}
	if err != nil {
		return settings{dockerfile: dockerfile}, err
	}
	s := settings{dockerfile: blanked, directiveLine: directive.Line, stray: stray}
	_, rest, _ := strings.Cut(strings.TrimSpace(notice.Cmdline(dockerfile, bc.BuildOpts().Opts)), " ")
	s.options, s.origins, err = option.Merge([]option.Source{
		{Name: "the frontend image's environment variable " + envOptions, Text: getenv(envOptions)},
		{Name: sourceSyntax, Text: rest},
		{Name: sourceDirective, Text: directive.Text},
		{Name: "--build-arg " + argOptions, Text: bc.BuildArgs[argOptions]},
	}, getenv(envEnforce))
	var se *option.SourceError
	if errors.As(err, &se) {
		f := &notice.Error{Message: fmt.Sprint(se)}
		if se.Source.Name == sourceDirective {
			f.Line = directive.Line
		}
		return s, f
	}
	return s, err
}

// directiveOf returns the line of the directive if it has the last word on one
// of keys, or 0.
func (s settings) directiveOf(keys ...string) int {
	if s.origins.Is(sourceDirective, keys...) {
		return s.directiveLine
	}
	return 0
}
