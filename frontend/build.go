package frontend

import (
	"context"
	"os"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/agentspec"
	"github.com/org/dt-frontend/frontend/attest"
	"github.com/org/dt-frontend/frontend/delivery"
	"github.com/org/dt-frontend/frontend/image"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/frontend/task"
)

// Build is the frontend. It has the shape of BuildKit's own
// frontend/dockerfile/builder.Build, but never hands on to another frontend:
// whoever runs this one has asked for it.
func Build(ctx context.Context, c client.Client) (res *client.Result, err error) {
	err = task.Guard(func() (err error) {
		res, err = answer(ctx, c)
		return err
	})()
	return res, err
}

// answer answers one request: to build, or about the Dockerfile.
func answer(ctx context.Context, c client.Client) (_ *client.Result, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer func() { cancel(err) }()

	// Before the client is wrapped: only the original knows.
	self, selfErr := currentFrontend(c)
	c = solve.CacheImageConfigs(c)
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
	// Platforms are built side by side, and the failure of one cancels the
	// others: what those have to say is told all the same.
	warn := src.Warn
	src.Warn = func(_ context.Context, msg string, opts client.WarnOpts) { warn(ctx, msg, opts) }
	b := &build{
		Client:  bc,
		gateway: c,
		solver:  solve.Solver{Client: c, CacheImports: bc.CacheImports, Fresh: solve.NewFresh()},
		src:     src,

		dockerfile: src.Data,
		warnings:   notice.NewWarnings(src, bc.BuildOpts().Opts, len(bc.TargetPlatforms)),
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
		return nil, notice.WithLocation(err, src.SourceMap)
	}
	return res, nil
}

// build is one run of the frontend.
type build struct {
	*dockerui.Client
	gateway client.Client
	solver  solve.Solver
	src     *dockerui.Source
	// dockerfile is src's, without our directive, for BuildKit's parser.
	dockerfile []byte
	// self is the frontend's own image.
	self llb.State
	// options are as they were read, and in a build those in effect. Nobody writes
	// to them.
	options option.Options
	// origins says where the options were set, and directiveLine where the
	// directive stands.
	origins       option.Origins
	directiveLine int
	// agents brings agents in; nil in the modes that need none.
	agents delivery.Supplier
	// runtimeCA are the certificates that an agent is to trust which is installed
	// when its container starts; nil in the other modes.
	runtimeCA  *task.Task[*payload.Certificates]
	statements *attest.Statements
	warnings   *notice.Warnings
}

func (b *build) run(ctx context.Context, self llb.State) (*client.Result, error) {
	p, err := b.plan(ctx)
	if err != nil {
		return nil, b.blame(err)
	}
	b = b.begin(ctx, p, self)
	scan, err := attest.NewSBOM(ctx, b.Client, b.gateway)
	if err != nil {
		return nil, err
	}
	if b.statements, err = attest.NewStatements(b.BuildOpts().Opts); err != nil {
		return nil, err
	}
	rb, err := b.Build(ctx, func(ctx context.Context, p *ocispecs.Platform, idx int) (res *dockerui.BuildResult, err error) {
		err = task.Guard(func() error {
			res, err = b.platform(ctx, p, idx, scan)
			return err
		})()
		return res, err
	})
	b.warnings.Flush(ctx)
	if err != nil {
		return nil, b.blame(err)
	}
	if err := scan.Attest(ctx, b.solver, rb); err != nil {
		return nil, err
	}
	if err := b.statements.Attest(ctx, b.solver, rb); err != nil {
		return nil, err
	}
	return rb.Finalize()
}

// begin returns the build that p plans, and begins to ask for the agent if there
// is one to bring in.
func (b *build) begin(ctx context.Context, p plan, self llb.State) *build {
	out := *b
	out.self, out.options = self, p.options
	setup := delivery.Setup{Client: b.Client, Solver: b.solver, Self: self, Options: p.options, Warn: func(msg string) { b.warnings.Send(ctx, msg) }}
	switch {
	case p.options.Mode == option.ModeOff:
	case p.options.Mode == option.ModeRuntime:
		out.runtimeCA = setup.Certificates(ctx)
	case p.context != nil:
		setup.Client = p.context
		out.agents = setup.Context(ctx)
	default:
		out.agents = setup.Cluster(ctx, p.specs)
	}
	return &out
}

// platform builds the app and its agent for one platform, side by side, and
// puts them together.
func (b *build) platform(ctx context.Context, p *ocispecs.Platform, idx int, scan *attest.SBOM) (*dockerui.BuildResult, error) {
	app, err := b.app(ctx, p, idx)
	if err != nil {
		return nil, err
	}
	target := b.target(p)
	if p == nil && app.Image.Architecture != "" {
		// The last stage may be for another platform than the builder's. One
		// that starts from a folder, as a named context, says none.
		target = platforms.Normalize(app.Image.Platform)
	}
	if err := b.checkSecrets(ctx, app, target); err != nil {
		return nil, err
	}
	made := attest.Image{State: app.State, App: app.Result}
	switch {
	case b.options.Mode == option.ModeOff:
	case b.options.SkipUnsupported && !agentspec.Supported(target):
		b.warnings.SendFor(ctx, target, "there is no OneAgent for %s: the image for it is built without")
		image.MarkWithout(app.Image)
	default:
		if made.State, made.SPDX, err = b.instrumented(ctx, app, p, target); err != nil {
			return nil, err
		}
		target = platformOfFiles(app, target)
	}
	ref, err := b.solver.Lazy(ctx, made.State, b.marshalOpts(target)...)
	if err != nil {
		return nil, err
	}
	scan.Add(p, made)
	return &dockerui.BuildResult{
		Reference: ref,
		Image:     app.Image,
		BaseImage: app.BaseImage,
		Epoch:     app.Epoch,
	}, nil
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
