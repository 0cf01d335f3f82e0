package manifest

import "slices"

// Customised are the files of an agent that a cluster customises when it
// delivers an installer. It fills its addresses and settings into templates, and
// the manifest lists the MD5 of the templates.
//
// Source: the vendor's agents 1.281 to 1.307, whose configuration has another MD5
// than the manifest says, and the documentation of what installers fill in.
var Customised = []string{
	"dynatrace-agent32.sh",
	"dynatrace-agent64.sh",
	"dynatrace-env.sh",
	"ruxitagent.conf",
	"agent/conf/ruxitagent.conf",
	configuration,
	"agent/conf/standalone.conf",
	"agent/config/container.conf",
	File,
}

// IsCustomised reports whether a cluster customises the file of a cleaned path,
// so that nothing can be compared with the manifest's entry.
func IsCustomised(name string) bool { return slices.Contains(Customised, name) }

// configuration is the one customised file that no agent goes without.
const configuration = "agent/conf/ruxitagentproc.conf"
