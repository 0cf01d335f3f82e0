package frontend

import (
	"context"
	"fmt"
	"slices"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/agentspec"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// choose completes spec, which is for target, with what the app's files tell,
// where the user left it to them.
func (b *build) choose(ctx context.Context, spec agent.Spec, a *app, target ocispecs.Platform) (agent.Spec, error) {
	var err error
	if spec.Flavor == "" {
		if spec.Flavor, err = b.flavor(ctx, a, spec.Arch, target); err != nil {
			return spec, err
		}
	}
	if b.options.IncludeAuto {
		if spec.Include, err = b.technologies(ctx, a, target); err != nil {
			return spec, err
		}
	}
	l, err := b.linter(b.warnings.Rule(ctx))
	if err != nil {
		return spec, err
	}
	b.lintTechnologies(l, spec)
	if err := l.Error(); err != nil {
		return spec, err
	}
	return spec, agentspec.Pin(&spec, b.options)
}

// flavor tells by the loaders in the root file system which C libraries there
// are. Mostly the base image alone says it, which is there before any step of
// the app has run: then the download need not wait for the app.
func (b *build) flavor(ctx context.Context, a *app, arch agent.Arch, target ocispecs.Platform) (agent.Flavor, error) {
	base, err := b.base(ctx, a)
	if err != nil {
		return "", err
	}
	if base != nil {
		libc, err := detect.FindLibc(ctx, base, arch)
		if err != nil {
			return "", err
		}
		if a.guessed = libc.Flavor(); a.guessed != "" {
			return a.guessed, nil
		}
	}
	built, err := a.built.Wait(ctx)
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
			platforms.Format(target), libc.Elsewhere)}
	}
	b.warnings.SendFor(ctx, target, "the image for %s has no loader of glibc or musl: its static programs cannot load OneAgent and are not monitored; only a program that comes later, together with glibc, is; mode=off builds the image without OneAgent")
	return agent.FlavorDefault, nil
}

// compareLibc warns of an app whose steps add another C library than its base
// image has, when it is there to be looked at: the agent was chosen before.
func (b *build) compareLibc(ctx context.Context, a *app, target ocispecs.Platform) error {
	if a.guessed == "" {
		return nil
	}
	built, err := a.built.Wait(ctx)
	if err != nil || built == nil {
		return err
	}
	libc, err := detect.FindLibc(ctx, built, agent.ArchOf(target.Architecture))
	if err != nil {
		return err
	}
	if now := libc.Flavor(); now != "" && now != a.guessed {
		b.warnings.SendFor(ctx, target, fmt.Sprintf("the steps of the image for %%s add another C library to its base image's: the agent is of flavor %s, and only programs linked against that library are monitored; say flavor=%s",
			a.guessed, now))
	}
	return nil
}

// base returns the image that the app's root file system stands on, or nil.
func (b *build) base(ctx context.Context, a *app) (detect.Files, error) {
	def, err := a.State.Marshal(ctx)
	if err != nil {
		return nil, fmt.Errorf("marshalling the app: %w", err)
	}
	base, err := dtllb.Base(def.ToPB())
	if err != nil || base == nil {
		return nil, err
	}
	res, err := b.gateway.Solve(ctx, client.SolveRequest{Definition: base, CacheImports: b.CacheImports})
	if err != nil {
		return nil, err
	}
	return files(res.SingleRef())
}

// files returns those of ref to look at, or nil for none.
func files(ref client.Reference, err error) (detect.Files, error) {
	if err != nil || ref == nil {
		return nil, err
	}
	return detect.Memo(ref), nil
}

// technologies tells by the programs in the built app what is to be monitored.
func (b *build) technologies(ctx context.Context, a *app, target ocispecs.Platform) (agent.Technologies, error) {
	built, err := a.built.Wait(ctx)
	if err != nil {
		return nil, err
	}
	var found []string
	if built != nil {
		if found, err = detect.Technologies(ctx, built, a.Image.Config.ImageConfig); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		b.warnings.SendFor(ctx, target, "no technology was found in the image for %s: all are included")
	}
	return agent.NewTechnologies(found...), nil
}

// undocumented returns the technologies of spec that the installer was not
// documented with for its flavor.
func undocumented(spec agent.Spec) []string {
	known := agent.KnownTechnologies(spec.Flavor)
	return slices.DeleteFunc(slices.Clone([]string(spec.Include)), func(tech string) bool { return slices.Contains(known, tech) })
}
