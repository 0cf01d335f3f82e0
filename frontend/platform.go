package frontend

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
)

// supported reports whether there is a OneAgent for p.
func supported(p ocispecs.Platform) bool {
	_, ok := agent.Architectures[p.Architecture]
	return ok && p.OS == "linux"
}

// specFor returns the agent that o asks for on platform p. Its flavor is empty
// where the app's files decide.
func specFor(p ocispecs.Platform, o option.Options) (agent.Spec, error) {
	if !supported(p) {
		known := slices.Sorted(maps.Keys(agent.Architectures))
		for i := range known {
			known[i] = "linux/" + known[i]
		}
		return agent.Spec{}, &failure{message: fmt.Sprintf(
			"there is no OneAgent for %s; build for one of %s, or say on-unsupported=skip to build the app without it",
			platforms.Format(p), strings.Join(known, ", "))}
	}
	return agent.Spec{
		Arch:        agent.Architectures[p.Architecture],
		Flavor:      o.Flavor,
		Include:     o.Include,
		Version:     o.Version,
		NetworkZone: o.NetworkZone,
		FIPS:        o.FIPS,
	}, nil
}

// specsFor returns every agent that a build for targets may need, each once. As
// the cluster is asked before a flavor is known, that may be any.
func specsFor(targets []ocispecs.Platform, o option.Options) ([]agent.Spec, error) {
	var specs []agent.Spec
	seen := map[string]bool{}
	for _, p := range targets {
		if o.SkipUnsupported && !supported(p) {
			continue
		}
		spec, err := specFor(p, o)
		if err != nil {
			return nil, err
		}
		flavors := []agent.Flavor{spec.Flavor}
		if spec.Flavor == "" {
			flavors = []agent.Flavor{agent.FlavorDefault, agent.FlavorMusl, agent.FlavorMultidistro}
		}
		for _, spec.Flavor = range flavors {
			if !seen[spec.Key()] {
				seen[spec.Key()] = true
				specs = append(specs, spec)
			}
		}
	}
	return specs, nil
}
