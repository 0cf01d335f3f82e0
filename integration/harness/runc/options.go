package runc

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/containerd/containerd/v2/contrib/seccomp"
	"github.com/containerd/containerd/v2/core/containers"
	"github.com/containerd/containerd/v2/pkg/oci"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// Option changes the runtime's description of a container.
type Option = oci.SpecOpts

// WithCapabilities leaves these and no others, not even for what executing
// something could give back.
func WithCapabilities(names ...string) Option { return oci.WithCapabilities(names) }

// WithoutNewPrivileges is what Docker calls no-new-privileges.
func WithoutNewPrivileges() Option { return oci.WithNoNewPrivileges }

// WithoutMounts leaves out what every container has at these places.
func WithoutMounts(destinations ...string) Option {
	return func(_ context.Context, _ oci.Client, _ *containers.Container, s *oci.Spec) error {
		below := func(name string) bool {
			return slices.ContainsFunc(destinations, func(d string) bool {
				return name == d || strings.HasPrefix(name, d+"/")
			})
		}
		s.Mounts = slices.DeleteFunc(s.Mounts, func(m specs.Mount) bool { return below(m.Destination) })
		s.Linux.MaskedPaths = slices.DeleteFunc(s.Linux.MaskedPaths, below)
		s.Linux.ReadonlyPaths = slices.DeleteFunc(s.Linux.ReadonlyPaths, below)
		return nil
	}
}

// WithSeccomp applies the profile that containerd and Docker give a container
// with these capabilities.
func WithSeccomp() Option {
	return func(ctx context.Context, c oci.Client, k *containers.Container, s *oci.Spec) error {
		return seccomp.WithDefaultProfile()(ctx, c, k, s)
	}
}

// HasSeccomp reports whether runc can apply a profile: it is built with a C
// library for that, or without.
func HasSeccomp(ctx context.Context) (bool, error) {
	out, err := exec.CommandContext(ctx, binary(), "features").Output()
	if err != nil {
		return false, fmt.Errorf("asking runc for its features: %w", err)
	}
	var f struct {
		Linux struct {
			Seccomp struct {
				Enabled bool `json:"enabled"`
			} `json:"seccomp"`
		} `json:"linux"`
	}
	if err := json.Unmarshal(out, &f); err != nil {
		return false, fmt.Errorf("reading runc's features: %w", err)
	}
	return f.Linux.Seccomp.Enabled, nil
}
