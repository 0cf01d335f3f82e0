package frontend

import (
	"context"
	"errors"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/subrequests/convertllb"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/frontend/subrequests/outline"
	"github.com/moby/buildkit/frontend/subrequests/targets"
)

// requests answers questions about the Dockerfile, as BuildKit's own frontend
// does. None of them needs a secret or a cluster.
func (b *build) requests() dockerui.RequestHandler {
	return dockerui.RequestHandler{
		Outline: func(ctx context.Context) (*outline.Outline, error) {
			return dockerfile2llb.Dockerfile2Outline(ctx, b.dockerfile, b.convertOpt(ctx))
		},
		ListTargets: func(ctx context.Context) (*targets.List, error) {
			return dockerfile2llb.ListTargets(ctx, b.dockerfile)
		},
		Lint: func(ctx context.Context) (*lint.LintResults, error) {
			return dockerfile2llb.DockerfileLint(ctx, b.dockerfile, b.convertOpt(ctx))
		},
		ConvertLLB: func(ctx context.Context) (*convertllb.Result, error) {
			return dockerfile2llb.DockerfileConvertLLB(ctx, b.dockerfile, b.convertOpt(ctx))
		},
	}
}

// blame marks the line of the Dockerfile that an error of the agent's part is
// about, or else the one that asks for this frontend. With the frontend named
// on the command line there is no such line.
func (b *build) blame(err error) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	loc := b.syntaxLine()
	if f.line != 0 {
		loc = wholeLine(f.line)
	}
	if loc == nil {
		return err
	}
	return withSource(err, b.src.SourceMap, loc)
}
