package detect

import (
	"context"

	"github.com/org/dt-frontend/internal/agent"
)

// Libc is what C libraries a root file system has a loader of.
type Libc struct {
	Glibc, Musl bool
	// Elsewhere names a folder where loaders of a system of another kind lie,
	// such as Nix's; they are not looked through.
	Elsewhere string
}

// stores are the folders of systems that keep every package, loaders included,
// in a folder of its own.
var stores = []string{"/nix/store", "/gnu/store"}

// FindLibc looks for the loaders of an architecture.
func FindLibc(ctx context.Context, files Files, arch agent.Arch) (Libc, error) {
	var out Libc
	glibc, musl := agent.Loaders(arch)
	for _, look := range []struct {
		path string
		to   *bool
	}{{glibc, &out.Glibc}, {musl, &out.Musl}} {
		if look.path == "" {
			continue
		}
		st, err := Stat(ctx, files, look.path)
		if err != nil {
			return Libc{}, err
		}
		*look.to = st != nil
	}
	if out.Glibc && out.Musl {
		compat, err := Stat(ctx, files, agent.Gcompat)
		if err != nil {
			return Libc{}, err
		}
		out.Glibc = compat == nil
	}
	if out.Glibc || out.Musl {
		return out, nil
	}
	for _, dir := range stores {
		st, err := Stat(ctx, files, dir)
		if err != nil {
			return Libc{}, err
		}
		if st != nil {
			out.Elsewhere = dir
		}
	}
	return out, nil
}

// Flavor returns the one that fits, or "" where none does.
func (l Libc) Flavor() agent.Flavor {
	switch {
	case l.Glibc && l.Musl:
		return agent.FlavorMultidistro
	case l.Glibc:
		return agent.FlavorDefault
	case l.Musl:
		return agent.FlavorMusl
	}
	return ""
}
