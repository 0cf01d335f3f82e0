package frontend

import (
	"context"
	"maps"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/task"
	"github.com/org/dt-frontend/internal/agent"
)

// app is what the Dockerfile builds.
type app struct {
	*dockerfile2llb.Result
	// built is the app's root file system; nil if it is empty.
	built *task.Task[detect.Files]
	// guessed is the flavor that the base image alone has decided, if it has.
	guessed agent.Flavor
}

// app converts the Dockerfile.
func (b *build) app(ctx context.Context, p *ocispecs.Platform, idx int) (*app, error) {
	opt := b.convertOpt(ctx)
	// Dockerfile2LLB writes into the map.
	opt.BuildArgs = maps.Clone(opt.BuildArgs)
	opt.TargetPlatform = p
	if idx != 0 {
		opt.Warn = nil
	}
	res, err := dockerfile2llb.Dockerfile2LLB(ctx, b.dockerfile, opt)
	if err != nil {
		return nil, err
	}
	return &app{Result: res}, nil
}

// convertOpt returns BuildKit's own options for the Dockerfile.
func (b *build) convertOpt(ctx context.Context) dockerfile2llb.ConvertOpt {
	return dockerfile2llb.ConvertOpt{
		Config:       b.Config,
		Client:       b.Client,
		SourceMap:    b.src.SourceMap,
		MetaResolver: b.gateway,
		Warn:         b.warnings.Lint(ctx),
	}
}

// makesAgentImage reports whether a build is for an agent alone, to build other
// images from: nothing else is in it, and nobody but its author can know for
// which C library it is meant.
func makesAgentImage(a *app, o option.Options) bool {
	return a.State.Output() == nil && o.Flavor != "" &&
		len(a.Image.Config.Entrypoint) == 0 && len(a.Image.Config.Cmd) == 0
}
