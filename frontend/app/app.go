package app

import (
	"context"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/agentspec"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/task"
)

// App is what the Dockerfile builds.
type App struct {
	*dockerfile2llb.Result
	// Built is the app's root file system, as a task whose value is nil if the file
	// system is empty. It is nil before [App.Begin], as where nothing is built.
	Built *task.Task[detect.Files]
}

// Convert converts a Dockerfile for one platform, the build's idx-th; nil is the
// builder's own. It writes into the build args of opt. Warnings of BuildKit's are
// sent for the first platform alone.
func Convert(ctx context.Context, dockerfile []byte, opt dockerfile2llb.ConvertOpt, p *ocispecs.Platform, idx int) (*App, error) {
	opt.TargetPlatform = p
	if idx != 0 {
		opt.Warn = nil
	}
	res, err := dockerfile2llb.Dockerfile2LLB(ctx, dockerfile, opt)
	if err != nil {
		return nil, err
	}
	return &App{Result: res}, nil
}

// MakesAgentImage reports whether a build is for an agent alone, to build other
// images from: nothing else is in it, and nobody but its author can know for
// which C library it is meant.
func (a *App) MakesAgentImage(o option.Options) bool {
	return a.State.Output() == nil && o.Flavor != "" &&
		len(a.Image.Config.Entrypoint) == 0 && len(a.Image.Config.Cmd) == 0
}

// PlatformOfFiles returns the platform that the files of an app's base image are
// made for, where that has an agent, and else the one that was asked for.
// Programs run where their files are made for, whatever the config says.
func (a *App) PlatformOfFiles(asked ocispecs.Platform) ocispecs.Platform {
	if base := a.BaseImage; base != nil && agentspec.Supported(base.Platform) && base.Architecture != asked.Architecture && agentspec.Supported(asked) {
		return platforms.Normalize(base.Platform)
	}
	return asked
}
