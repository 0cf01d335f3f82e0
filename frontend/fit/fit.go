package fit

import (
	"context"
	"fmt"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// Finder looks at the files of one app.
type Finder struct {
	Solver   solve.Solver
	Warnings *notice.Warnings
	App      *app.App
	// Target is the platform that the agent is for.
	Target ocispecs.Platform
	// guessed is the flavor that the base image alone has decided, if it has.
	guessed agent.Flavor
}

// Flavor tells by the loaders in the root file system which C libraries there
// are. Mostly the base image alone says it, which is there before any step of
// the app has run: then the download need not wait for the app.
func (f *Finder) Flavor(ctx context.Context, arch agent.Arch) (agent.Flavor, error) {
	base, err := f.base(ctx)
	if err != nil {
		return "", err
	}
	if base != nil {
		libc, err := detect.FindLibc(ctx, base, arch)
		if err != nil {
			return "", err
		}
		if f.guessed = libc.Flavor(); f.guessed != "" {
			return f.guessed, nil
		}
	}
	built, err := f.App.Built.Wait(ctx)
	if err != nil {
		return "", err
	}
	var libc detect.Libc
	if built != nil {
		if libc, err = detect.FindLibc(ctx, built, arch); err != nil {
			return "", err
		}
	}
	switch {
	case libc.Flavor() != "":
		return libc.Flavor(), nil
	case libc.Elsewhere != "":
		return "", &notice.Error{Message: fmt.Sprintf(
			"cannot tell the C library of the image for %s: its loaders lie below %s; say it with flavor=default (glibc) or flavor=musl",
			platforms.Format(f.Target), libc.Elsewhere)}
	}
	f.Warnings.SendFor(ctx, f.Target, "the image for %s has no loader of glibc or musl: its static programs cannot load OneAgent and are not monitored; only a program that comes later, together with glibc, is; mode=off builds the image without OneAgent")
	return agent.FlavorDefault, nil
}

// CompareLibc warns of an app whose steps add another C library than its base
// image has, when it is there to be looked at: the agent was chosen before.
func (f *Finder) CompareLibc(ctx context.Context) error {
	if f.guessed == "" {
		return nil
	}
	built, err := f.App.Built.Wait(ctx)
	if err != nil || built == nil {
		return err
	}
	libc, err := detect.FindLibc(ctx, built, agent.ArchOf(f.Target.Architecture))
	if err != nil {
		return err
	}
	if now := libc.Flavor(); now != "" && now != f.guessed {
		f.Warnings.SendFor(ctx, f.Target, fmt.Sprintf("the steps of the image for %%s add another C library to its base image's: the agent is of flavor %s, and only programs linked against that library are monitored; say flavor=%s",
			f.guessed, now))
	}
	return nil
}

// base returns the image that the app's root file system stands on, or nil.
func (f *Finder) base(ctx context.Context) (detect.Files, error) {
	def, err := f.App.State.Marshal(ctx)
	if err != nil {
		return nil, fmt.Errorf("marshalling the app: %w", err)
	}
	base, err := dtllb.Base(def.ToPB())
	if err != nil || base == nil {
		return nil, err
	}
	res, err := f.Solver.Client.Solve(ctx, client.SolveRequest{Definition: base, CacheImports: f.Solver.CacheImports})
	if err != nil {
		return nil, err
	}
	return app.Files(res.SingleRef())
}

// Technologies tells by the programs in the built app what is to be monitored.
func (f *Finder) Technologies(ctx context.Context) (agent.Technologies, error) {
	built, err := f.App.Built.Wait(ctx)
	if err != nil {
		return nil, err
	}
	var found []string
	if built != nil {
		if found, err = detect.Technologies(ctx, built, f.App.Image.Config.ImageConfig); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		f.Warnings.SendFor(ctx, f.Target, "no technology was found in the image for %s: all are included")
	}
	return agent.NewTechnologies(found...), nil
}
