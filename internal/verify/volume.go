package verify

import (
	"maps"
	"slices"

	"github.com/org/dt-frontend/internal/agent"
)

// noteVolumes says which volumes of the image hide what starts in it.
func (d *described) noteVolumes() {
	inImage := d.agentLib != "" && isIn(d.agentLib, agentFolder)
	if d.Start != StartHelper && !inImage {
		return
	}
	ca := ""
	if name, digest := d.customCA(); digest != "" {
		ca = "/" + name
	}
	for _, volume := range slices.Sorted(maps.Keys(d.image.Config.Config.Volumes)) {
		hidden := agent.HiddenBy(volume, inImage, ca)
		if hidden == agent.HidesStart && d.Start != StartHelper {
			// Somebody else's way: the agent alone is there.
			hidden = agent.HidesAgent
		}
		if hidden != agent.HidesNothing {
			d.note("VOLUME %s hides %s", volume, hidden)
		}
	}
}
