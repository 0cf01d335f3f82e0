package frontend

import (
	"context"
	"fmt"
	"maps"
	"os"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	dtllb "github.com/org/dt-frontend/llb"
	"golang.org/x/sync/errgroup"
)

// Build is the frontend. It has the shape of BuildKit's own
// frontend/dockerfile/builder.Build, but never hands on to another frontend:
// whoever runs this one has asked for it.
func Build(ctx context.Context, c client.Client) (_ *client.Result, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer func() { cancel(err) }()

	// Before the client is wrapped: only the original knows.
	self, selfErr := currentFrontend(c)
	c = newResolveCache(c)
	bc, err := dockerui.NewClient(c)
	if err != nil {
		return nil, err
	}
	if err := validateCaps(bc.BuildOpts().Opts["frontend.caps"]); err != nil {
		return nil, err
	}
	src, err := bc.ReadEntrypoint(ctx, "Dockerfile")
	if err != nil {
		return nil, err
	}
	b := &build{
		Client:  bc,
		gateway: c,
		solver:  solver{client: c, cacheImports: bc.CacheImports},
		src:     src,

		dockerfile: src.Data,
	}
	// A question about the Dockerfile is answered whatever our options are.
	optErr := b.readOptions(ctx, os.Getenv)
	if res, ok, err := bc.HandleSubrequest(ctx, b.requests(optErr)); err != nil || ok {
		return res, err
	}
	if optErr != nil {
		return nil, b.blame(optErr)
	}
	if selfErr != nil {
		return nil, selfErr
	}
	res, err := b.run(ctx, self)
	if err != nil {
		return nil, withLocation(err, src.SourceMap)
	}
	return res, nil
}

// build is one run of the frontend.
type build struct {
	*dockerui.Client
	gateway client.Client
	solver  solver
	src     *dockerui.Source
	// dockerfile is src's, without our directive, for BuildKit's parser.
	dockerfile []byte
	// self is the frontend's own image.
	self    llb.State
	options option.Options
	// agents brings agents in; nil in the modes that need none.
	agents     *deliveries
	statements *statements
}

func (b *build) run(ctx context.Context, self llb.State) (*client.Result, error) {
	b.self = self
	wanted, err := getsAgent(b.dockerfile, b.Target, b.options.Stages)
	if err != nil {
		return nil, b.blame(err)
	}
	if !wanted {
		b.options.Mode = option.ModeOff
	}
	if b.options.Mode != option.ModeOff {
		if err := b.refuse(ctx); err != nil {
			return nil, b.blame(err)
		}
		specs, err := specsFor(b.targets(), b.options)
		if err != nil {
			return nil, b.blame(err)
		}
		if b.options.Mode != option.ModeRuntime && len(specs) > 0 {
			b.agents = newDeliveries(ctx, b.Client, b.gateway, self, specs, func(msg string) { b.warn(ctx, msg) })
		}
	}
	scan, err := newSBOM(ctx, b)
	if err != nil {
		return nil, err
	}
	if b.statements, err = newStatements(b.BuildOpts().Opts); err != nil {
		return nil, err
	}
	rb, err := b.Build(ctx, func(ctx context.Context, p *ocispecs.Platform, idx int) (res *dockerui.BuildResult, err error) {
		err = guard(func() error {
			res, err = b.platform(ctx, p, idx, scan)
			return err
		})()
		return res, err
	})
	if err != nil {
		return nil, b.blame(err)
	}
	if err := scan.attest(ctx, b, rb); err != nil {
		return nil, err
	}
	if err := b.statements.attest(ctx, b, rb); err != nil {
		return nil, err
	}
	return rb.Finalize()
}

// syntaxLine returns the line that asks for this frontend, or nil.
func (b *build) syntaxLine() []parser.Range {
	return syntaxLine(b.src.Data, b.BuildOpts().Opts)
}

// warn sends a warning about the agent to the client.
func (b *build) warn(ctx context.Context, msg string) {
	b.src.Warn(ctx, "dynatrace: "+msg, warnOpts(b.syntaxLine(), nil, ""))
}

// warnAt sends a warning about a line of the Dockerfile.
func (b *build) warnAt(ctx context.Context, line int, msg string) {
	b.src.Warn(ctx, "dynatrace: "+msg, warnOpts(wholeLine(line), nil, ""))
}

// platform builds the app and its agent for one platform, side by side, and
// puts them together.
func (b *build) platform(ctx context.Context, p *ocispecs.Platform, idx int, scan *sbomScan) (*dockerui.BuildResult, error) {
	app, err := b.app(ctx, p, idx)
	if err != nil {
		return nil, err
	}
	target := b.target(p)
	if p == nil {
		// The last stage may be for another platform than the builder's.
		target = platforms.Normalize(app.Image.Platform)
	}
	state := app.State
	switch {
	case b.options.Mode == option.ModeOff:
	case b.options.SkipUnsupported && !supported(target):
		b.warn(ctx, fmt.Sprintf("there is no OneAgent for %s: the image for it is built without", platforms.Format(target)))
		withoutAgent(app.Image)
	default:
		if state, err = b.instrumented(ctx, app, p, target); err != nil {
			return nil, err
		}
	}
	ref, err := b.solver.lazy(ctx, state, b.marshalOpts(target)...)
	if err != nil {
		return nil, err
	}
	scan.add(p, state, app.Result)
	return &dockerui.BuildResult{
		Reference: ref,
		Image:     app.Image,
		BaseImage: app.BaseImage,
		Epoch:     app.Epoch,
	}, nil
}

// app is what the Dockerfile builds.
type app struct {
	*dockerfile2llb.Result
	// built is the app's root file system; nil if it is empty.
	built *promise[client.Reference]
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

// instrumented puts the agent onto the app, and its part into the app's config.
// The app is built meanwhile, not only to save time: its files decide which
// agent fits, and how it gets there.
func (b *build) instrumented(ctx context.Context, a *app, p *ocispecs.Platform, target ocispecs.Platform) (llb.State, error) {
	eg, egCtx := errgroup.WithContext(ctx)
	a.built = begin(func() (client.Reference, error) { return b.solver.evaluate(egCtx, a.State) })
	var (
		at   place
		load *payload
	)
	eg.Go(guard(func() error {
		built, err := a.built.wait(egCtx)
		if err != nil {
			return err
		}
		at, err = lookAt(egCtx, built)
		return err
	}))
	eg.Go(guard(func() (err error) {
		load, err = b.payload(egCtx, a, target)
		return err
	}))
	if err := eg.Wait(); err != nil {
		return llb.State{}, err
	}
	how := b.attachment(ctx, at, target)
	padHistory(a.Image, a.BaseImage)
	setRelease(a.Image, a.BaseImage)
	if err := instrument(a.Image, load, how, a.Epoch); err != nil {
		return llb.State{}, err
	}
	if b.statements != nil && load.installed != nil {
		pred, err := newPredicate(ctx, b.self, *load.installed, target)
		if err != nil {
			return llb.State{}, err
		}
		b.statements.add(p, pred)
	}
	return dtllb.Attach(a.State, how, load.states()...), nil
}

// payload returns what goes onto the app for target.
func (b *build) payload(ctx context.Context, a *app, target ocispecs.Platform) (*payload, error) {
	spec, err := specFor(target, b.options)
	if err != nil {
		return nil, err
	}
	if b.options.Mode == option.ModeRuntime {
		return runtimePayload(b.self, b.options, spec.Arch, target)
	}
	if spec, err = b.choose(ctx, spec, a, target); err != nil {
		return nil, err
	}
	return b.agents.deliver(ctx, spec, target)
}

// attachment decides how the agent gets onto the app, and says so where images
// will not share it.
func (b *build) attachment(ctx context.Context, at place, target ocispecs.Platform) dtllb.Attachment {
	how := dtllb.Attachment{Merge: true, Replace: at.occupied}
	caps := b.BuildOpts().LLBCaps
	why := ""
	switch {
	case caps.Supports(pb.CapMergeOp) != nil:
		why = "this builder cannot merge layers (Docker Engine can with the containerd image store)"
	case !at.plain:
		why = "/opt in the image is a symlink, or has an owner or mode other than root and 0755, which a merge would change"
	}
	if why != "" {
		how.Merge = false
		b.warn(ctx, fmt.Sprintf("the agent is copied into the image for %s, which takes a layer of its own: %s",
			platforms.Format(target), why))
	}
	return how
}

// convertOpt returns BuildKit's own options for the Dockerfile.
func (b *build) convertOpt(ctx context.Context) dockerfile2llb.ConvertOpt {
	return dockerfile2llb.ConvertOpt{
		Config:       b.Config,
		Client:       b.Client,
		SourceMap:    b.src.SourceMap,
		MetaResolver: b.gateway,
		Warn: func(rule, description, url, msg string, location []parser.Range) {
			line := 0
			if len(location) > 0 {
				line = location[0].Start.Line
			}
			b.src.Warn(ctx, linter.LintFormatShort(rule, msg, line),
				warnOpts(location, [][]byte{[]byte(description)}, url))
		},
	}
}

// targets returns the platforms to build for.
func (b *build) targets() []ocispecs.Platform {
	if len(b.TargetPlatforms) == 0 {
		return []ocispecs.Platform{b.target(nil)}
	}
	return b.TargetPlatforms
}

// target returns p, or the builder's own platform where none was asked for.
func (b *build) target(p *ocispecs.Platform) ocispecs.Platform {
	if p != nil {
		return *p
	}
	return b.BuildPlatforms[0]
}

// marshalOpts are what a state has lost that was merged onto an empty one.
func (b *build) marshalOpts(target ocispecs.Platform) []llb.ConstraintsOpt {
	return []llb.ConstraintsOpt{llb.Platform(target), llb.WithCaps(b.BuildOpts().LLBCaps)}
}
