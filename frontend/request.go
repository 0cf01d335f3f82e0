package frontend

import (
	"context"
	"errors"
	"maps"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/check"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/solve"
)

// request is what a client asks for: its own options, the Dockerfile, and ours.
// Nobody writes to it once it is read.
type request struct {
	*dockerui.Client
	gateway  client.Client
	solver   solve.Solver
	src      *dockerui.Source
	warnings *notice.Warnings
	// settings are our own options as they were read. What counts of them in a
	// build is its plan's.
	settings settings
}

// newRequest reads what the client of bc asks for. With an error of our options
// it returns a request all the same: questions about the Dockerfile are answered
// whatever our options are.
func newRequest(ctx context.Context, c client.Client, bc *dockerui.Client, src *dockerui.Source) (*request, error) {
	r := &request{
		Client:   bc,
		gateway:  c,
		solver:   solve.Solver{Client: c, CacheImports: bc.CacheImports, Fresh: solve.NewFresh()},
		src:      src,
		warnings: notice.NewWarnings(src, bc.BuildOpts().Opts, len(bc.TargetPlatforms)),
	}
	var err error
	r.settings, err = readSettings(src.Data, bc, os.Getenv)
	if r.settings.stray != 0 {
		r.warnings.SendAt(ctx, r.settings.stray, "this dynatrace directive does not count: directives stand at the very top, before other comments and blank lines, dynatrace's the last of them")
	}
	return r, err
}

// warn sends a warning about the agent.
func (r *request) warn(ctx context.Context) func(string) {
	return func(msg string) { r.warnings.Send(ctx, msg) }
}

// convertOpt returns BuildKit's own options for the Dockerfile.
func (r *request) convertOpt(ctx context.Context) dockerfile2llb.ConvertOpt {
	opt := dockerfile2llb.ConvertOpt{
		Config:       r.Config,
		Client:       r.Client,
		SourceMap:    r.src.SourceMap,
		MetaResolver: r.gateway,
		Warn:         r.warnings.Lint(ctx),
	}
	// Dockerfile2LLB writes into the map.
	opt.BuildArgs = maps.Clone(r.BuildArgs)
	return opt
}

// checks returns the checks of the Dockerfile and its app for options.
func (r *request) checks(o option.Options) *check.Checks {
	return &check.Checks{
		Dockerfile: r.settings.dockerfile, SourceMap: r.src.SourceMap, Target: r.Target, BuildArgs: r.BuildArgs, Linter: r.LinterConfig,
		Options: o, OptionLine: r.lineOf, Warnings: r.warnings,
	}
}

// targets returns the platforms to build for.
func (r *request) targets() []ocispecs.Platform {
	if len(r.TargetPlatforms) == 0 {
		return []ocispecs.Platform{r.target(nil)}
	}
	return r.TargetPlatforms
}

// target returns p, or the builder's own platform where none was asked for.
func (r *request) target(p *ocispecs.Platform) ocispecs.Platform {
	if p != nil {
		return *p
	}
	return r.BuildPlatforms[0]
}

// marshalOpts are what a state has lost that was merged onto an empty one.
func (r *request) marshalOpts(target ocispecs.Platform) []llb.ConstraintsOpt {
	return []llb.ConstraintsOpt{llb.Platform(target), llb.WithCaps(r.BuildOpts().LLBCaps)}
}

// lineOf returns the line of the Dockerfile that has the last word on one of
// keys, or else the one that asks for this frontend; nil if there is none.
func (r *request) lineOf(keys ...string) []parser.Range {
	if line := r.settings.directiveOf(keys...); line != 0 {
		return notice.WholeLine(line)
	}
	return r.warnings.Syntax
}

// blame marks the line of the Dockerfile that an error of the agent's part is
// about, or else the one that asks for this frontend. With the frontend named
// on the command line there is no such line.
func (r *request) blame(err error) error {
	var f *notice.Error
	if !errors.As(err, &f) {
		return err
	}
	loc := r.place(f)
	if loc == nil {
		return err
	}
	return notice.WithSource(err, r.src.SourceMap, loc)
}

// place returns the line that a failure is about, or nil.
func (r *request) place(f *notice.Error) []parser.Range {
	if f.Line != 0 {
		return notice.WholeLine(f.Line)
	}
	return r.warnings.Syntax
}
