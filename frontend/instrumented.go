package frontend

import (
	"context"
	"strings"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/agentspec"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/image"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/site"
	"github.com/org/dt-frontend/frontend/task"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"golang.org/x/sync/errgroup"
)

// instrumented puts the agent onto the app, and its part into the app's config.
// It returns the image, and the bill of materials of an agent in it.
//
// The app is built meanwhile, not only to save time: its files decide which
// agent fits, and how it gets there.
func (b *build) instrumented(ctx context.Context, a *app, p *ocispecs.Platform, asked ocispecs.Platform) (st llb.State, spdx []byte, err error) {
	if err := b.checkApp(ctx, a); err != nil {
		return llb.State{}, nil, err
	}
	target := platformOfFiles(a, asked)
	eg, egCtx := errgroup.WithContext(ctx)
	a.built = task.Begin(func() (detect.Files, error) { return files(b.solver.Evaluate(egCtx, a.State)) })
	var (
		at   site.Sites
		load *payload.Payload
	)
	eg.Go(task.Guard(func() error {
		built, err := a.built.Wait(egCtx)
		if err != nil {
			return err
		}
		at, err = site.Look(egCtx, built)
		return err
	}))
	eg.Go(task.Guard(func() (err error) {
		load, err = b.payload(egCtx, a, target)
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
	if err := b.compareLibc(ctx, a, target); err != nil {
		return llb.State{}, nil, err
	}
	if err := b.checkBuilt(ctx, a, load); err != nil {
		return llb.State{}, nil, err
	}
	if err := b.checkPreload(ctx, a, load); err != nil {
		return llb.State{}, nil, err
	}
	st, err = b.attach(ctx, a, load, at, p, target)
	return st, load.SPDX, err
}

// attach puts a payload onto an app: the layers, and what the config and the
// statement say of them.
func (b *build) attach(ctx context.Context, a *app, load *payload.Payload, at site.Sites, p *ocispecs.Platform, target ocispecs.Platform) (st llb.State, err error) {
	how := b.attachment(ctx, at.Agent, target)
	if how.Certificate, err = b.trust(ctx, load, a, at.CA, target); err != nil {
		return llb.State{}, err
	}
	if err := b.shareBase(ctx, a, load, &how); err != nil {
		return llb.State{}, err
	}
	if err := load.NoteImage(a.Image.Config.Env); err != nil {
		return llb.State{}, err
	}
	how.Leftovers = b.warnLeftovers(ctx, at.Leftovers, target)
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

// warnLeftovers says what the build takes out of the image, and returns it.
func (b *build) warnLeftovers(ctx context.Context, left []string, target ocispecs.Platform) []string {
	if len(left) > 0 {
		b.warnings.SendFor(ctx, target, "an agent ran in the image for %s before it was finished and left files that the next agent would use: the build removes "+
			strings.Join(left, ", "))
	}
	return left
}

// platformOfFiles returns the platform that the files of an app's base image are
// made for, where that has an agent, and else the one that was asked for.
// Programs run where their files are made for, whatever the config says.
func platformOfFiles(a *app, asked ocispecs.Platform) ocispecs.Platform {
	if base := a.BaseImage; base != nil && agentspec.Supported(base.Platform) && base.Architecture != asked.Architecture && agentspec.Supported(asked) {
		return platforms.Normalize(base.Platform)
	}
	return asked
}

// payload returns what goes onto the app for target.
func (b *build) payload(ctx context.Context, a *app, target ocispecs.Platform) (*payload.Payload, error) {
	spec, err := agentspec.For(target, b.options)
	if err != nil {
		return nil, err
	}
	if b.options.Mode == option.ModeRuntime {
		ca, err := b.runtimeCA.Wait(ctx)
		if err != nil {
			return nil, &agentError{err}
		}
		return payload.Runtime(b.self, b.options, ca, spec.Arch, target)
	}
	if spec, err = b.choose(ctx, spec, a, target); err != nil {
		return nil, err
	}
	load, err := b.agents.Deliver(ctx, spec, target)
	if err != nil {
		return nil, &agentError{err}
	}
	if makesAgentImage(a, b.options) {
		if load.CA != nil {
			b.warnings.Send(ctx, agent.SecretAgentCA+" is ignored: an agent image holds the agent alone; pass the secret to the builds that take the agent from it")
		}
		return payload.AgentImage(load), nil
	}
	return load, nil
}

// attachment decides how the agent gets onto the app, and says so where images
// will not share it.
func (b *build) attachment(ctx context.Context, at site.Site, target ocispecs.Platform) dtllb.Attachment {
	how := dtllb.Attachment{Merge: true, Replace: at.Occupied}
	if why := b.cannotMerge(at); why != "" {
		how.Merge = false
		b.warnings.SendFor(ctx, target, "the agent is copied into the image for %s, which takes a layer of its own: "+why)
	}
	return how
}

// cannotMerge says why a layer cannot be merged at a site; "" says that it can.
func (b *build) cannotMerge(at site.Site) string {
	caps := b.BuildOpts().LLBCaps
	switch {
	case caps.Supports(pb.CapMergeOp) != nil:
		return noMerge
	case at.Odd != "":
		return at.Odd + " in the image is a symlink, or has an owner or mode other than root and 0755, which a merge would change"
	}
	return ""
}

const noMerge = "this builder cannot merge layers (Docker Engine can with the containerd image store)"
