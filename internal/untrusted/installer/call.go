package installer

import "time"

// Call says which installer runs, and where.
type Call struct {
	// Script is its file.
	Script string
	// Prefix is the folder that it installs into, and Makes the folder below it
	// that it makes.
	Prefix, Makes string
	// Tmp is its scratch space.
	Tmp string
	// Machine is what uname -m calls the one that the agent is for. It is empty
	// where that is this one.
	Machine string

	// FailedBefore says that an installation of the same file has most likely
	// failed before, and that the caller downloads the file again if this one
	// fails. A build must not wait for it as long as the first one did.
	FailedBefore bool

	// idle is how long it may do nothing, in tests.
	idle time.Duration
}

// idleLimit is how long the installer may do nothing.
func (c Call) idleLimit() time.Duration {
	switch {
	case c.idle > 0:
		return c.idle
	case c.FailedBefore:
		return retryIdle
	}
	return MaxIdle
}

// args are those of the shell. On another machine than the agent's the script
// is run by a line that leads uname to the tools' own, see the package uname:
// a busybox may be built to prefer its applets to all that PATH has.
func (c Call) args() []string {
	if c.Machine == "" {
		return []string{c.Script, c.Prefix}
	}
	return []string{"-c", `uname() { /bin/uname "$@"; }; arch() { /bin/arch "$@"; }; . "$0"`, c.Script, c.Prefix}
}
