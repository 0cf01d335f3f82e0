package frontend

import (
	"context"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/frontend/dockerui"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/agentspec"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/attest"
	"github.com/org/dt-frontend/frontend/image"
	"github.com/org/dt-frontend/frontend/option"
)

// platform builds the app and its agent for one platform, side by side, and
// puts them together.
func (b *build) platform(ctx context.Context, p *ocispecs.Platform, idx int) (*dockerui.BuildResult, error) {
	a, err := app.Convert(ctx, b.settings.dockerfile, b.convertOpt(ctx), p, idx)
	if err != nil {
		return nil, err
	}
	target := b.target(p)
	if p == nil && a.Image.Architecture != "" {
		// The last stage may be for another platform than the builder's. A
		// stage that starts from a directory, as a named context, has no platform.
		target = platforms.Normalize(a.Image.Platform)
	}
	if err := b.checks.Secrets(ctx, a, b.marshalOpts(target)...); err != nil {
		return nil, err
	}
	made := attest.Image{State: a.State, App: a.Result}
	switch {
	case b.options.Mode == option.ModeOff:
	case b.options.SkipUnsupported && !agentspec.Supported(target):
		b.warnings.SendFor(ctx, target, "there is no OneAgent for %s: the image for it is built without")
		image.MarkWithout(a.Image)
	default:
		if made.State, made.SPDX, err = b.instrumented(ctx, a, p, target); err != nil {
			return nil, err
		}
		target = a.PlatformOfFiles(target)
	}
	ref, err := b.solver.Lazy(ctx, made.State, b.marshalOpts(target)...)
	if err != nil {
		return nil, err
	}
	b.scan.Add(p, made)
	return &dockerui.BuildResult{
		Reference: ref,
		Image:     a.Image,
		BaseImage: a.BaseImage,
		Epoch:     a.Epoch,
	}, nil
}
