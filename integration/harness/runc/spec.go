package runc

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/containerd/containerd/v2/core/containers"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/containerd/v2/pkg/oci"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// namespace keeps our control groups apart from others' on the machine.
const namespace = "dt-frontend"

// Spec says what to run.
type Spec struct {
	// Rootfs is the unpacked image. The container writes into it.
	Rootfs string
	// Config is the image's, as built.
	Config ocispecs.ImageConfig
	// Cmd replaces the image's command, as arguments of `docker run` do.
	Cmd []string
	// Entrypoint replaces the image's entrypoint and, as in Docker, drops its
	// command.
	Entrypoint []string
	// Env is added to the image's environment and wins over it.
	Env []string
	// User replaces the image's user: a name, a number, or user:group.
	User string
	// ReadOnly mounts the root file system read-only.
	ReadOnly bool
	// Mounts are added to those that every container has.
	Mounts []specs.Mount
	// Options are applied last.
	Options []Option
	// Streams pass the output on to the caller's own, beside capturing it.
	Streams Streams
}

// args returns the container's command line.
func (s Spec) args() []string {
	entrypoint, cmd := s.Config.Entrypoint, s.Config.Cmd
	if s.Entrypoint != nil {
		entrypoint, cmd = s.Entrypoint, nil
	}
	if s.Cmd != nil {
		cmd = s.Cmd
	}
	return slices.Concat(entrypoint, cmd)
}

// writeBundle writes the runtime's description of the container into dir.
func (s Spec) writeBundle(ctx context.Context, dir, id string) error {
	if len(s.args()) == 0 {
		return fmt.Errorf("the image has neither entrypoint nor command")
	}
	spec, err := s.generate(ctx, id)
	if err != nil {
		return err
	}
	makeMountpoints(spec.Root.Path, spec.Mounts)
	data, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	// The environment may hold secrets.
	return os.WriteFile(filepath.Join(dir, "config.json"), data, 0o600)
}

func (s Spec) generate(ctx context.Context, id string) (*oci.Spec, error) {
	rootfs, err := filepath.Abs(s.Rootfs)
	if err != nil {
		return nil, err
	}
	user := cmp.Or(s.User, s.Config.User, "0")
	opts := []oci.SpecOpts{
		oci.WithRootFSPath(rootfs),
		oci.WithProcessArgs(s.args()...),
		oci.WithDefaultPathEnv,
		oci.WithEnv(s.Config.Env),
		oci.WithEnv(s.Env),
		// The stand-ins listen on the machine's loopback.
		oci.WithHostNamespace(specs.NetworkNamespace),
		// Docker mounts nothing there, and lets a process gain privileges.
		oci.WithoutRunMount,
		oci.WithNewPrivileges,
		oci.WithMounts(hostFiles()),
		oci.WithMounts(s.Mounts),
		oci.WithUser(user),
		oci.WithAdditionalGIDs(user),
		withoutUserCapabilities,
	}
	if s.Config.WorkingDir != "" {
		opts = append(opts, oci.WithProcessCwd(s.Config.WorkingDir))
	}
	if s.ReadOnly {
		opts = append(opts, oci.WithRootFSReadonly())
	}
	opts = append(opts, s.Options...)
	return oci.GenerateSpec(namespaces.WithNamespace(ctx, namespace), nil, &containers.Container{ID: id}, opts...)
}

// withoutUserCapabilities leaves an ordinary user only what it may gain by
// executing something, as Docker does.
func withoutUserCapabilities(_ context.Context, _ oci.Client, _ *containers.Container, s *oci.Spec) error {
	if s.Process.User.UID != 0 {
		s.Process.Capabilities = &specs.LinuxCapabilities{Bounding: s.Process.Capabilities.Bounding}
	}
	return nil
}

// hostFiles are those by which a container in the machine's network finds
// others by name.
func hostFiles() []specs.Mount {
	var mounts []specs.Mount
	for _, name := range []string{"/etc/hosts", "/etc/resolv.conf"} {
		if _, err := os.Stat(name); err == nil {
			mounts = append(mounts, specs.Mount{Destination: name, Type: "bind", Source: name, Options: []string{"rbind", "ro"}})
		}
	}
	return mounts
}
