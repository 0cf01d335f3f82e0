package rule

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// VolumeLine returns the lines of the Dockerfile that give the image a volume:
// its VOLUME instruction, or else the FROM instruction that brings it. Target is
// the stage to build; "" means the last one. Later says that the instruction may
// stand behind ONBUILD. The lines are nil if the Dockerfile has no such stage.
func VolumeLine(dockerfile []byte, target, volume string, later bool) []parser.Range {
	stages, _, err := Parse(dockerfile)
	if err != nil {
		return nil
	}
	at := len(stages) - 1
	if target != "" {
		at = StageIndex(stages, target)
	}
	var variable, from []parser.Range
	for at >= 0 {
		stage := stages[at]
		for _, cmd := range slices.Backward(stage.Commands) {
			if onbuild, ok := cmd.(*instructions.OnbuildCommand); ok && later {
				cmd = trigger(onbuild)
			}
			c, ok := cmd.(*instructions.VolumeCommand)
			switch {
			case !ok:
			case slices.Contains(c.Volumes, volume):
				return c.Location()
			case variable == nil && slices.ContainsFunc(c.Volumes, func(v string) bool { return strings.ContainsAny(v, "$\\'\"") }):
				// Perhaps: only BuildKit knows the values of variables.
				variable = c.Location()
			}
		}
		from = stage.Location
		// A stage may be built from another that stands above it.
		at = StageIndex(stages[:at], stage.BaseName)
	}
	if variable != nil {
		return variable
	}
	return from
}

// TriggerVolumes returns the volumes that an instruction behind ONBUILD declares.
func TriggerVolumes(expression string) []string {
	ast, err := parser.Parse(strings.NewReader(expression))
	if err != nil || len(ast.AST.Children) != 1 {
		return nil
	}
	cmd, err := instructions.ParseCommand(ast.AST.Children[0])
	if err != nil {
		return nil
	}
	if c, ok := cmd.(*instructions.VolumeCommand); ok {
		return c.Volumes
	}
	return nil
}
