package rule

import (
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// VolumeLine returns the lines of the Dockerfile that give the image a volume:
// its VOLUME instruction, or else the FROM instruction that brings it. Target is
// the stage to build; "" means the last one. Later says that the instruction may
// stand behind ONBUILD. The lines are nil if the Dockerfile has no such stage.
func VolumeLine(dockerfile []byte, target, volume string, later bool) []parser.Range {
	return origin(dockerfile, target, later, func(cmd instructions.Command) match {
		c, ok := cmd.(*instructions.VolumeCommand)
		switch {
		case !ok:
			return never
		case slices.Contains(c.Volumes, volume):
			return exactly
		case slices.ContainsFunc(c.Volumes, hasVariable):
			return perhaps
		}
		return never
	}).Location
}

// TriggerVolumes returns the volumes that an instruction behind ONBUILD declares.
func TriggerVolumes(expression string) []string {
	if c, ok := triggered(expression).(*instructions.VolumeCommand); ok {
		return c.Volumes
	}
	return nil
}
