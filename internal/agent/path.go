package agent

import (
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// ContextName is the named build context that brings an agent instead of the
// cluster.
const ContextName = "dynatrace-agent"

// Paths in an instrumented image. The agent itself knows the vendor's default
// prefix only, so they are constants and not options.
const (
	// Root is the folder that the product owns in an image. Nothing else may
	// lie there.
	Root = "/opt/dynatrace"
	// Dir holds the code modules.
	Dir = Root + "/oneagent"
	// StartPath is the helper that stands in front of the app.
	StartPath = Root + "/dt-start"
	// SettingsPath is the file that tells the helper what the build installed.
	SettingsPath = Root + "/dt-start.json"
	// SPDXPath is the agent's bill of materials.
	SPDXPath = Root + "/oneagent.spdx.json"
	// PreloadLibrary is the library to preload, relative to Dir, where
	// manifest.json does not name another.
	PreloadLibrary = "agent/lib64/liboneagentproc.so"
	// FIPSDisabled is a file, relative to Dir, without which the agent is in
	// FIPS mode.
	FIPSDisabled = "agent/dt_fips_disabled.flag"
)

// WritableDirs are the directories, relative to Dir, that agents write into at
// run time, as whatever user the app has.
//
// Source: the vendor's agents, under strace; datastorage since OneAgent 1.221.
var WritableDirs = []string{"log", "datastorage"}

// IsWritable reports whether a path relative to Dir is one of [WritableDirs] or
// below one.
func IsWritable(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return slices.Contains(WritableDirs, first)
}

// CustomCAPath is the file with certificates of authorities that the agent
// trusts in addition to its own. The agent checks the certificates of its
// servers only if the file exists. It reads no file of that name below Dir.
//
// Source: strace of OneAgent 1.161.272 to 1.307.59 with a TLS server on
// loopback.
const CustomCAPath = varConfigDir + customCA

// VarConfigDir is the variable that replaces /var/lib in the paths of the files
// that the agent reads there.
const VarConfigDir = variable.ConfigDir

const (
	varConfigDir = "/var/lib"
	customCA     = "/dynatrace/oneagent/agent/customkeys/custom.pem"
)

// CustomCAIn returns where the agent reads [CustomCAPath] if [VarConfigDir] has
// a value.
func CustomCAIn(dir string) string {
	if dir == "" {
		return CustomCAPath
	}
	return path.Join(dir, customCA)
}
