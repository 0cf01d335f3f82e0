package frontend

import (
	"context"
	"errors"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/subrequests/convertllb"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/frontend/subrequests/outline"
	"github.com/moby/buildkit/frontend/subrequests/targets"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
)

// requests answers questions about the Dockerfile, as BuildKit's own frontend
// does. None of them needs a secret or a cluster. OptErr is what is wrong with
// our options.
func (b *build) requests(optErr error) dockerui.RequestHandler {
	return dockerui.RequestHandler{
		Outline: func(ctx context.Context) (*outline.Outline, error) {
			out, err := dockerfile2llb.Dockerfile2Outline(ctx, b.dockerfile, b.convertOpt(ctx))
			if err != nil || out == nil {
				return out, err
			}
			b.outline(out)
			out.Sources = b.sources()
			return out, nil
		},
		ListTargets: func(ctx context.Context) (*targets.List, error) {
			out, err := dockerfile2llb.ListTargets(ctx, b.dockerfile)
			if err != nil || out == nil {
				return out, err
			}
			out.Sources = b.sources()
			return out, nil
		},
		Lint: func(ctx context.Context) (*lint.LintResults, error) {
			return b.lint(ctx, optErr)
		},
		ConvertLLB: func(ctx context.Context) (*convertllb.Result, error) {
			return dockerfile2llb.DockerfileConvertLLB(ctx, b.dockerfile, b.convertOpt(ctx))
		},
	}
}

// sources is what answers refer to: the Dockerfile as its author knows it.
func (b *build) sources() [][]byte { return [][]byte{b.src.Data} }

// outline adds what the agent's part of a build takes to what the app's does.
func (b *build) outline(out *outline.Outline) {
	for _, s := range b.options.Settings() {
		// As it is written: --build-arg DYNATRACE=mode=off.
		out.Args = append(out.Args, outline.Arg{
			Name: argOptions + "=" + s.Name, Description: s.Description, Value: s.Value,
		})
	}
	ids := agent.Secrets
	switch b.options.Mode {
	case option.ModeOff:
		return
	case option.ModeRuntime:
		ids = []string{agent.SecretAgentCA}
	}
	for _, id := range ids {
		known := slices.ContainsFunc(out.Secrets, func(s outline.Secret) bool { return s.Name == id })
		if !known {
			out.Secrets = append(out.Secrets, outline.Secret{
				Name: id, Required: id == agent.SecretAPIToken || id == agent.SecretTenant,
			})
		}
	}
}

// blame marks the line of the Dockerfile that an error of the agent's part is
// about, or else the one that asks for this frontend. With the frontend named
// on the command line there is no such line.
func (b *build) blame(err error) error {
	var f *notice.Error
	if !errors.As(err, &f) {
		return err
	}
	loc := b.place(f)
	if loc == nil {
		return err
	}
	return notice.WithSource(err, b.src.SourceMap, loc)
}

// place returns the line that a failure is about, or nil.
func (b *build) place(f *notice.Error) []parser.Range {
	if f.Line != 0 {
		return notice.WholeLine(f.Line)
	}
	return b.warnings.Syntax
}
