package detect

import (
	"context"
	"path"
	"strings"

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
	glibcPath, muslPath := arch.Loaders()
	glibc, err := loader(ctx, files, glibcPath)
	if err != nil {
		return Libc{}, err
	}
	musl, err := loader(ctx, files, muslPath)
	if err != nil {
		return Libc{}, err
	}
	out := Libc{Glibc: glibc != "", Musl: musl != ""}
	if out.Glibc && out.Musl {
		compat, err := isCompat(ctx, files, glibc, musl)
		if err != nil {
			return Libc{}, err
		}
		out.Glibc = !compat
	}
	if out.Glibc || out.Musl {
		return out, nil
	}
	out.Elsewhere, err = store(ctx, files)
	return out, err
}

// loader returns the file that a loader's path leads to, or "".
func loader(ctx context.Context, files Files, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	real, st, err := Find(ctx, files, name)
	if err != nil || st == nil || isDir(st) {
		return "", err
	}
	return real, nil
}

// isCompat reports whether the loader of glibc's name is one of musl's: either
// gcompat's, or, with the packages that were there before it, musl's own.
func isCompat(ctx context.Context, files Files, glibc, musl string) (bool, error) {
	if glibc == musl || strings.HasPrefix(path.Base(glibc), "libc.musl-") {
		return true, nil
	}
	st, err := Stat(ctx, files, agent.Gcompat)
	return st != nil, err
}

func store(ctx context.Context, files Files) (string, error) {
	for _, dir := range stores {
		if st, err := Stat(ctx, files, dir); err != nil || st != nil {
			return dir, err
		}
	}
	return "", nil
}

// Flavor returns the one that fits, or "" where none does.
func (l Libc) Flavor() agent.Flavor { return agent.FlavorFor(l.Glibc, l.Musl) }
