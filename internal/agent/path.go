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

// Suffix is the end of the path of every agent's directory: what an installer
// makes below its prefix, and an agent below the directories of others that it
// keeps files in.
const Suffix = vendor + "/" + Name

const (
	// Name is the name of an agent's directory.
	Name   = "oneagent"
	vendor = "dynatrace"
)

// Paths in an instrumented image. The agent itself knows the vendor's default
// prefix only, so they are constants and not options.
const (
	// Prefix is what the vendor's installers install into.
	Prefix = "/opt"
	// Root is the directory that the product owns in an image. Nothing else may
	// lie there.
	Root = Prefix + "/" + vendor
	// Dir holds the code modules.
	Dir = Prefix + "/" + Suffix
	// StartPath is the helper that stands in front of the app.
	StartPath = Root + "/dt-start"
	// SettingsPath is the file that tells the helper what the build installed.
	SettingsPath = Root + "/dt-start.json"
	// SPDXPath is the agent's bill of materials.
	SPDXPath = Root + "/oneagent.spdx.json"
	// PreloadLibrary is the library to preload, relative to Dir, where
	// manifest.json does not name another.
	PreloadLibrary = "agent/lib64/" + ProcessLibrary
	// ModulesDir holds the code modules, relative to Dir: a directory for each
	// platform, or one for each version with those in it.
	ModulesDir = "agent/bin"
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

// VarDir is where an agent keeps what it writes, and reads what is for it,
// outside of [Dir].
const VarDir = varConfigDir + "/" + Suffix

// CustomKeysDir is the directory, relative to the agent's own or to [VarDir],
// with an environment's certificates.
const CustomKeysDir = "agent/customkeys"

const (
	varConfigDir = "/var/lib"
	customCA     = "/" + Suffix + "/" + CustomKeysDir + "/" + CAFile
)

// CustomCAIn returns where the agent reads [CustomCAPath] if [VarConfigDir] has
// a value.
func CustomCAIn(dir string) string {
	if dir == "" {
		return CustomCAPath
	}
	return path.Join(dir, customCA)
}
