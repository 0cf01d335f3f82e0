package rule

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/org/dt-frontend/internal/agent"
)

// Hidden is a part of an instrumented image that a volume hides.
type Hidden string

// The parts. Their values complete a sentence that begins "hides".
const (
	HidesNothing Hidden = ""
	// HidesStart is fatal: the entrypoint names a file that may not be there.
	HidesStart Hidden = agent.StartPath + ", which starts the app: the app does not start on an empty volume, and a volume that an older image filled keeps that image's agent"
	// HidesAgent lets the app start.
	HidesAgent Hidden = "the agent: the app runs unmonitored on an empty volume, and a volume that an older image filled keeps that image's agent"
	// HidesCA lets the agent start, which trusts its own authorities alone.
	HidesCA Hidden = "the certificates of " + agent.SecretAgentCA + ": the agent does not trust them on an empty volume, and a volume that an older image filled keeps that image's certificates"
)

// startFiles are the files of an instrumented image that dt-start needs, and
// dt-start itself.
var startFiles = []string{agent.StartPath, agent.SettingsPath, agent.SPDXPath, agent.CAPath}

// HiddenBy returns what a volume hides of an image. It goes by the path alone:
// an engine follows symlinks in the path. InImage says that the agent is in the
// image, and ca is the path of the certificates that the build was given for the
// agent; "" means none.
func HiddenBy(volume string, inImage bool, ca string) Hidden {
	volume = path.Clean("/" + volume)
	switch {
	case slices.ContainsFunc(startFiles, func(name string) bool { return IsIn(name, volume) }):
		return HidesStart
	case inImage && hidesAgent(volume):
		return HidesAgent
	case ca != "" && IsIn(ca, volume):
		return HidesCA
	}
	return HidesNothing
}

// hidesAgent reports whether a volume is at the agent's directory, or below it.
// Agents write into some directories there, for which volumes are good.
func hidesAgent(volume string) bool {
	return IsIn(volume, agent.Dir) && !slices.ContainsFunc(agent.DataDirs, func(dir string) bool {
		return IsIn(volume, path.Join(agent.Dir, dir))
	})
}

// IsIn reports whether an absolute path is dir or below it.
func IsIn(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

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
