package frontend

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
)

// specFor returns the agent that o asks for on platform p.
func specFor(p ocispecs.Platform, o option.Options) (agent.Spec, error) {
	arch, ok := agent.Architectures[p.Architecture]
	if !ok || p.OS != "linux" {
		known := slices.Sorted(maps.Keys(agent.Architectures))
		for i := range known {
			known[i] = "linux/" + known[i]
		}
		return agent.Spec{}, &failure{message: fmt.Sprintf(
			"there is no OneAgent for %s; build for one of %s",
			platforms.Format(p), strings.Join(known, ", "))}
	}
	return agent.Spec{
		Arch:        arch,
		Flavor:      cmp.Or(o.Flavor, agent.FlavorDefault),
		Include:     o.Include,
		Version:     o.Version,
		NetworkZone: o.NetworkZone,
	}, nil
}

// specsFor returns the agents that a build for targets needs, each once.
func specsFor(targets []ocispecs.Platform, o option.Options) ([]agent.Spec, error) {
	var specs []agent.Spec
	seen := map[string]bool{}
	for _, p := range targets {
		spec, err := specFor(p, o)
		if err != nil {
			return nil, err
		}
		if !seen[spec.Key()] {
			seen[spec.Key()] = true
			specs = append(specs, spec)
		}
	}
	return specs, nil
}
