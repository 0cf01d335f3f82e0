package delivery

import (
	"fmt"
	"path"
	"strings"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/internal/agent"
)

// inAgentImage returns what an agent image holds by its labels, or false where
// it is none of ours.
func inAgentImage(img *dockerspec.DockerOCIImage, p ocispecs.Platform) (agent.Installed, bool) {
	if img == nil || img.Config.Labels[agent.LabelMode] != agent.ModeAgent {
		return agent.Installed{}, false
	}
	l := img.Config.Labels
	technologies, err := agent.ParseTechnologies(l[agent.LabelTechnologies])
	in := agent.Installed{
		Version:      l[agent.LabelVersion],
		Flavor:       agent.Flavor(l[agent.LabelFlavor]),
		Arch:         agent.ArchOf(img.Architecture),
		Technologies: technologies.Names(),
		FIPS:         l[agent.LabelFIPS] == "on",
		Preload:      l[agent.LabelPreload],
		DiffID:       l[agent.LabelLayer],
	}
	if l[agent.LabelConfig] == agent.ConfigMerge {
		in.Config = agent.ConfigMerge
	}
	// The one layer is what the label says, and all that is merged.
	single := len(img.RootFS.DiffIDs) == 1 && img.RootFS.DiffIDs[0].String() == in.DiffID
	return in, single && agent.ValidVersion(in.Version) && isLibrary(in.Preload) && err == nil &&
		in.Arch == agent.ArchOf(p.Architecture)
}

// isLibrary reports whether name can stand in LD_PRELOAD, and is the agent's.
func isLibrary(name string) bool {
	return strings.HasPrefix(name, agent.Dir+"/") && path.Clean(name) == name && !strings.ContainsAny(name, ": \t\r\n$")
}

// fits returns why an agent image is not the agent that spec asks for, or nil.
func fits(in agent.Installed, spec agent.Spec) error {
	switch {
	case in.Flavor != spec.Flavor && in.Flavor != agent.FlavorMultidistro:
		return &notice.Error{Message: fmt.Sprintf("the agent image in the build context %s is for flavor %s, but this image needs %s: name one that fits, or one of flavor multidistro",
			agent.ContextName, in.Flavor, spec.Flavor)}
	case spec.Version != "" && in.Version != spec.Version:
		return &notice.Error{Cause: agent.CausePin, Message: fmt.Sprintf("the agent image in the build context %s has version %s, but version asks for %s",
			agent.ContextName, in.Version, spec.Version)}
	}
	return nil
}
