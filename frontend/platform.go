package frontend

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/agent"
)

// specFor returns the agent for platform p.
func specFor(p ocispecs.Platform) (agent.Spec, error) {
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
	return agent.Spec{Arch: arch, Flavor: agent.FlavorDefault}, nil
}

// specsFor returns the agents that a build for targets needs, each once.
func specsFor(targets []ocispecs.Platform) ([]agent.Spec, error) {
	var specs []agent.Spec
	seen := map[string]bool{}
	for _, p := range targets {
		spec, err := specFor(p)
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
