// Package rootfs gives each container a root file system of its own. Images share
// the layers below, which are unpacked once, as a container engine does it:
// unpacking takes longer than most of what tests do with the files.
package rootfs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/containerd/containerd/v2/core/mount"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/plugins/snapshots/native"
	"github.com/containerd/containerd/v2/plugins/snapshots/overlay"
	"github.com/containerd/containerd/v2/plugins/snapshots/overlay/overlayutils"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/image-spec/identity"
	"golang.org/x/sys/unix"

	"github.com/org/dt-frontend/integration/harness/oci"
)

// Store keeps unpacked layers. Tests may use it in parallel.
type Store struct {
	layers snapshots.Snapshotter
	mu     sync.Mutex // held while a layer is unpacked
}

// Open opens the store in a directory, which may be empty.
func Open(dir string) (*Store, error) {
	layers, err := snapshotter(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the unpacked layers in %s: %w", dir, err)
	}
	return &Store{layers: layers}, nil
}

// snapshotter copies the layers below where overlays are not possible, as in a
// directory that lies on an overlay itself.
func snapshotter(dir string) (snapshots.Snapshotter, error) {
	if overlayutils.Supported(dir) != nil {
		return native.NewSnapshotter(dir)
	}
	return overlay.NewSnapshotter(dir)
}

// Close lets the directory be removed.
func (s *Store) Close() error { return s.layers.Close() }

// Mount mounts a copy of the image's root file system on dir. The caller must
// call unmount, which discards what was written there.
func (s *Store) Mount(ctx context.Context, image *oci.Image, dir string) (unmount func() error, err error) {
	top, err := s.unpack(ctx, image)
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", image.Descriptor.Digest, err)
	}
	key := "root-" + rand.Text()
	mounts, err := s.layers.Prepare(ctx, key, top)
	if err != nil {
		return nil, fmt.Errorf("preparing a root file system: %w", err)
	}
	remove := func() error { return s.layers.Remove(context.WithoutCancel(ctx), key) }
	if err := mount.All(mounts, dir); err != nil {
		return nil, errors.Join(fmt.Errorf("mounting a root file system: %w", err), remove())
	}
	return func() error {
		// A process that was killed may still hold it for a moment.
		return errors.Join(mount.UnmountAll(dir, unix.MNT_DETACH), remove())
	}, nil
}

// unpack unpacks the layers that no image had so far, and returns the name of
// the uppermost.
func (s *Store) unpack(ctx context.Context, image *oci.Image) (parent string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := image.DiffIDs()
	for n, name := range identity.ChainIDs(slices.Clone(ids)) {
		if _, err := s.layers.Stat(ctx, name.String()); errdefs.IsNotFound(err) {
			err = s.unpackLayer(ctx, image, n, name.String(), parent)
			if err != nil {
				return "", err
			}
		} else if err != nil {
			return "", err
		}
		parent = name.String()
	}
	return parent, nil
}

func (s *Store) unpackLayer(ctx context.Context, image *oci.Image, n int, name, parent string) error {
	key := "layer-" + rand.Text()
	mounts, err := s.layers.Prepare(ctx, key, parent)
	if err != nil {
		return err
	}
	err = mount.WithTempMount(ctx, mounts, func(root string) error {
		// The directory of an image's lowest layer is the root, which others
		// than root must enter.
		if parent == "" {
			if err := os.Chmod(root, 0o755); err != nil {
				return err
			}
		}
		return image.Apply(ctx, root, n)
	})
	if err != nil {
		return errors.Join(fmt.Errorf("layer %d: %w", n, err), s.layers.Remove(ctx, key))
	}
	return s.layers.Commit(ctx, name, key)
}
