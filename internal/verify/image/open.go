package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Schemes that say what a reference is.
const (
	// SchemeLayout is BuildKit's for a layout on disk.
	SchemeLayout = "oci-layout://"
	// SchemeRegistry is BuildKit's for an image in a registry, for a name that
	// is a file's, too.
	SchemeRegistry = "docker-image://"
)

// Options say how to open an image.
type Options struct {
	// Platforms restricts what is read; empty means all.
	Platforms []ocispecs.Platform
	// Temp is the folder for what has to be written to disk; empty means the
	// system's.
	Temp string
	// UserAgent is how the program names itself to registries.
	UserAgent string
	// Progress is told what is read; nil for nobody.
	Progress Progress
}

// Open opens what ref names: an OCI layout after oci-layout://, a file or folder
// that exists, or else an image in a registry. Close it in the end.
func Open(ctx context.Context, ref string, o Options) (*Image, error) {
	if o.Progress == nil {
		o.Progress = silent{}
	}
	img, err := open(ctx, ref, o)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", ref, err)
	}
	if img.Name == "" {
		img.Name = ref
	}
	return img, nil
}

func open(ctx context.Context, ref string, o Options) (*Image, error) {
	if dir, ok := strings.CutPrefix(ref, SchemeLayout); ok {
		return openLayout(ctx, dir, o)
	}
	if name, ok := strings.CutPrefix(ref, SchemeRegistry); ok {
		return openRegistry(ctx, name, o)
	}
	st, err := os.Stat(ref)
	switch {
	case err != nil && looksLikePath(ref):
		return nil, err
	case err != nil:
		return openRegistry(ctx, ref, o)
	case !st.IsDir():
		return openArchive(ctx, ref, o)
	}
	if _, err := os.Stat(filepath.Join(ref, ocispecs.ImageLayoutFile)); err == nil {
		return openLayout(ctx, ref, o)
	}
	return openFolder(ref, o)
}

// looksLikePath reports whether ref is no name that a registry could have.
func looksLikePath(ref string) bool {
	return ref == "" || strings.HasPrefix(ref, ".") || filepath.IsAbs(ref) || strings.HasSuffix(ref, ".tar")
}

// matcher returns what tells whether a platform is wanted.
func (o Options) matcher() platforms.Matcher {
	if len(o.Platforms) == 0 {
		return platforms.All
	}
	return platforms.Any(o.Platforms...)
}

// errNoPlatform says that an image was opened for platforms that it lacks.
func (o Options) errNoPlatform(have []string) error {
	var want []string
	for _, p := range o.Platforms {
		want = append(want, platforms.Format(p))
	}
	if len(have) == 0 {
		return errors.New("there is no image in it")
	}
	return fmt.Errorf("it is not for %s: it has %s", strings.Join(want, ", "), strings.Join(have, ", "))
}
