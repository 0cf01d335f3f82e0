// Package version says which release of this project a program is from. It is
// the one place for this: what programs print, and how they name themselves to
// a cluster or a registry.
package version

import (
	"runtime/debug"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// Unknown stands for the release of a program that nobody gave one.
const Unknown = "devel"

// Variable is the environment variable by which dt-install is given its release.
// The frontend sets it for the step that asks the cluster, and the frontend
// image for people. The release must not be in dt-install's file: BuildKit keys
// every build step by the content of that file, so each release would download
// all agents again. The other programs do not read the variable.
const Variable = variable.FrontendVersion

// maxLength is more than any release of git describe or of Go has.
const maxLength = 80

// linked is set by the linker:
//
//	-X github.com/org/dt-frontend/internal/version.linked=v1.2.3
var linked string

// String returns the release: the one that the linker was given, or else the
// one of the module, which `go install` and `go build` in a clone note.
func String() string {
	if isValid(linked) {
		return linked
	}
	if info, ok := debug.ReadBuildInfo(); ok && isValid(info.Main.Version) {
		return info.Main.Version
	}
	return Unknown
}

// Adopt sets the release of a program that was linked without one. A value that
// is not a release is ignored.
func Adopt(release string) {
	if linked == "" && isValid(release) {
		linked = release
	}
}

// UserAgent is how a program names itself in requests: with its release, if that
// is known.
func UserAgent(program string) string {
	if v := String(); v != Unknown {
		return program + "/" + v
	}
	return program
}

// isValid reports whether a release consists of characters that are allowed in a
// User-Agent, and mean nothing in the lists of key=value that dt-start writes.
// The module's own word for no release, (devel), is not valid.
//
// Source: RFC 9110, token.
func isValid(release string) bool {
	const chars = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+_-"
	return release != "" && len(release) <= maxLength && strings.Trim(release, chars) == ""
}
