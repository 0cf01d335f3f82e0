package agent

import (
	"path"
	"slices"
	"strings"
)

// Hidden is a part of an instrumented image that a volume hides.
type Hidden string

// The parts. Their values complete a sentence that begins "hides".
const (
	HidesNothing Hidden = ""
	// HidesStart is fatal: the entrypoint names a file that may not be there.
	HidesStart Hidden = StartPath + ", which starts the app: the app does not start on an empty volume, and a volume that an older image filled keeps that image's agent"
	// HidesAgent lets the app start.
	HidesAgent Hidden = "the agent: the app runs unmonitored on an empty volume, and a volume that an older image filled keeps that image's agent"
	// HidesCA lets the agent start, which trusts its own authorities alone.
	HidesCA Hidden = "the certificates of " + SecretAgentCA + ": the agent does not trust them on an empty volume, and a volume that an older image filled keeps that image's certificates"
)

// startFiles are the files of an instrumented image that dt-start needs, and
// dt-start itself.
var startFiles = []string{StartPath, SettingsPath, SPDXPath}

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
	return IsIn(volume, Dir) && !slices.ContainsFunc(WritableDirs, func(dir string) bool {
		return IsIn(volume, path.Join(Dir, dir))
	})
}

// IsIn reports whether an absolute path is dir or below it.
func IsIn(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}
