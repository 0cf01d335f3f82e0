package frontend

import (
	"context"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/attach"
	"github.com/org/dt-frontend/frontend/fit"
	"github.com/org/dt-frontend/frontend/image"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/site"
	"github.com/org/dt-frontend/frontend/task"
	dtllb "github.com/org/dt-frontend/llb"
	"golang.org/x/sync/errgroup"
)

// instrumented puts the agent onto the app, and its part into the app's config.
// It returns the image, and the bill of materials of an agent in it.
//
// The app is built meanwhile, not only to save time: its files decide which
// agent fits, and how it gets there.
func (b *build) instrumented(ctx context.Context, a *app.App, p *ocispecs.Platform, asked ocispecs.Platform) (st llb.State, spdx []byte, err error) {
	if err := b.checks.Config(ctx, a); err != nil {
		return llb.State{}, nil, err
	}
	target := a.PlatformOfFiles(asked)
	eg, egCtx := errgroup.WithContext(ctx)
	a.Begin(egCtx, b.solver)
	finder := &fit.Finder{Solver: b.solver, Warnings: b.warnings, App: a, Target: target}
	var (
		at   site.Sites
		load *payload.Payload
	)
	eg.Go(task.Guard(func() error {
		built, err := a.Built.Wait(egCtx)
		if err != nil {
			return err
		}
		at, err = site.Look(egCtx, built)
		return err
	}))
	eg.Go(task.Guard(func() (err error) {
		load, err = b.payload(egCtx, a, finder)
		if option := skippable(egCtx, err, b.options); option != "" {
			b.skip(ctx, asked, a, option, err)
			return nil
		}
		return err
	}))
	if err := eg.Wait(); err != nil {
		return llb.State{}, nil, err
	}
	if load == nil {
		image.MarkWithout(a.Image)
		return a.State, nil, nil
	}
	if target.Architecture != asked.Architecture {
		b.warnings.SendFor(ctx, asked, "the image for %s is made of files for "+platforms.Format(target)+", and gets the agent for these")
	}
	if err := finder.CompareLibc(ctx); err != nil {
		return llb.State{}, nil, err
	}
	if err := b.checks.Files(ctx, a, load); err != nil {
		return llb.State{}, nil, err
	}
	if err := b.checks.Preload(ctx, b.solver, a, load); err != nil {
		return llb.State{}, nil, err
	}
	st, err = b.attach(ctx, a, load, at, p, target)
	return st, load.SPDX, err
}

// attach puts a payload onto an app: the layers, and what the config and the
// statement say of them.
func (b *build) attach(ctx context.Context, a *app.App, load *payload.Payload, at site.Sites, p *ocispecs.Platform, target ocispecs.Platform) (llb.State, error) {
	attacher := attach.Attacher{Solver: b.solver, Caps: b.BuildOpts().LLBCaps, Warnings: b.warnings}
	how, err := attacher.Decide(ctx, a, load, at, target)
	if err != nil {
		return llb.State{}, err
	}
	if err := load.NoteImage(a.Image.Config.Env); err != nil {
		return llb.State{}, err
	}
	image.PadHistory(a.Image, a.BaseImage)
	image.SetRelease(a.Image, a.BaseImage)
	if err := image.Instrument(a.Image, load, how, a.Epoch); err != nil {
		return llb.State{}, err
	}
	if err := b.statements.Add(ctx, p, b.self, load, how, target); err != nil {
		return llb.State{}, err
	}
	return dtllb.Attach(a.State, how, load.States()...), nil
}
