package agentspec

import (
	"fmt"
	"strings"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
)

// Supported reports whether there is a OneAgent for p.
func Supported(p ocispecs.Platform) bool {
	return p.OS == "linux" && agent.ArchOf(p.Architecture) != ""
}

// For returns the agent that o asks for on platform p. Its flavor is empty
// where the app's files decide.
func For(p ocispecs.Platform, o option.Options) (agent.Spec, error) {
	if !Supported(p) {
		known := agent.Platforms()
		for i := range known {
			known[i] = "linux/" + known[i]
		}
		return agent.Spec{}, &notice.Error{Message: fmt.Sprintf(
			"there is no OneAgent for %s; build for one of %s, or say on-unsupported=skip to build the app without it",
			platforms.Format(p), strings.Join(known, ", "))}
	}
	return agent.Spec{
		Arch:        agent.ArchOf(p.Architecture),
		Flavor:      o.Flavor,
		Include:     o.Include,
		Version:     o.Version,
		NetworkZone: o.NetworkZone,
		FIPS:        o.FIPS,
		Archive:     o.Archive,
		Config:      o.Config,
		HostGroup:   o.HostGroup,
	}, nil
}

// Pin adds the digest that the installer of spec has to have.
func Pin(spec *agent.Spec, o option.Options) error {
	if len(o.Checksums) == 0 {
		return nil
	}
	spec.Pinned = true
	if spec.Checksum = o.Checksums.For(spec.Arch, spec.Flavor); spec.Checksum == "" {
		return &notice.Error{Cause: agent.CausePin, Message: fmt.Sprintf("checksum has no digest for the agent that this build needs: add %s, which dt-install lock prints",
			agent.Pin(spec.Arch, spec.Flavor, "sha256:…"))}
	}
	return nil
}

// CheckLayer compares an agent with the digest that its layer has to have.
func CheckLayer(spec agent.Spec, in agent.Installed, o option.Options) error {
	if len(o.Layers) == 0 {
		return nil
	}
	switch want := o.Layers.For(spec.Arch, spec.Flavor); want {
	case in.DiffID:
		return nil
	case "":
		return &notice.Error{Cause: agent.CausePin, Message: fmt.Sprintf("layer has no digest for the agent that this build needs: add %s once you trust it",
			agent.Pin(spec.Arch, spec.Flavor, in.DiffID))}
	default:
		return &notice.Error{Cause: agent.CausePin, Message: fmt.Sprintf("the agent layer (OneAgent %s, %s, %s) has the digest %s, but layer says %s: another version, other technologies, or a changed agent. No image was made",
			in.Version, spec.Flavor, spec.Arch, in.DiffID, want)}
	}
}

// All returns every agent that a build for targets may need, each once. As
// the cluster is asked before a flavor is known, that may be any.
// Skip leaves out platforms without an agent.
func All(targets []ocispecs.Platform, o option.Options, skip bool) ([]agent.Spec, error) {
	var specs []agent.Spec
	seen := map[string]bool{}
	for _, p := range targets {
		if skip && !Supported(p) {
			continue
		}
		spec, err := For(p, o)
		if err != nil {
			return nil, err
		}
		flavors := []agent.Flavor{spec.Flavor}
		if spec.Flavor == "" {
			flavors = agent.Flavors
		}
		for _, spec.Flavor = range flavors {
			// The digest is that of one flavor, which is not known yet.
			spec.Pinned = len(o.Checksums) > 0
			if !seen[spec.Key()] {
				seen[spec.Key()] = true
				specs = append(specs, spec)
			}
		}
	}
	return specs, nil
}
