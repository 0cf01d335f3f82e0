package frontend

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
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

// readOptions merges what is set, lowest first: the frontend image's
// environment, what follows the image in the syntax line, the directive, the
// build arg. It takes the directive out of the Dockerfile.
func (b *build) readOptions(ctx context.Context, getenv func(string) string) error {
	directive, dockerfile, stray, err := option.FindDirective(b.dockerfile)
	var de *option.DirectiveError
	if errors.As(err, &de) {
		return &notice.Error{Message: de.Error(), Line: de.Line}
	}
	if err != nil {
		return err
	}
	b.dockerfile = dockerfile
	if stray != 0 {
		b.warnings.SendAt(ctx, stray, "this dynatrace directive does not count: directives stand at the very top, before other comments and blank lines, dynatrace's the last of them")
	}
	_, rest, _ := strings.Cut(strings.TrimSpace(notice.Cmdline(b.src.Data, b.BuildOpts().Opts)), " ")
	b.directiveLine = directive.Line
	b.options, b.origins, err = option.Merge([]option.Source{
		{Name: "the frontend image's environment variable " + envOptions, Text: getenv(envOptions)},
		{Name: sourceSyntax, Text: rest},
		{Name: sourceDirective, Text: directive.Text},
		{Name: "--build-arg " + argOptions, Text: b.BuildArgs[argOptions]},
	}, getenv(envEnforce))
	var se *option.SourceError
	if errors.As(err, &se) {
		f := &notice.Error{Message: fmt.Sprint(se)}
		if se.Source.Name == sourceDirective {
			f.Line = directive.Line
		}
		return f
	}
	return err
}

// lineOf returns the line of the Dockerfile that has the last word on one of
// keys, or else the one that asks for this frontend; nil if there is none.
func (b *build) lineOf(keys ...string) []parser.Range {
	if b.origins.Is(sourceDirective, keys...) {
		return notice.WholeLine(b.directiveLine)
	}
	return b.warnings.Syntax
}
