package frontend

import (
	"context"

	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/org/dt-frontend/frontend/notice"
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
	r, optErr := newRequest(ctx, c, bc, src)
	if res, ok, err := bc.HandleSubrequest(ctx, r.answers(optErr)); err != nil || ok {
		return res, err
	}
	if optErr != nil {
		return nil, r.blame(optErr)
	}
	if selfErr != nil {
		return nil, selfErr
	}
	res, err := run(ctx, r, self)
	if err != nil {
		return nil, notice.WithLocation(err, src.SourceMap)
	}
	return res, nil
}
