package provision

import (
	"time"

	"github.com/org/dt-frontend/internal/agent"
)

// Order is the agent that is wanted.
type Order struct {
	Spec agent.Spec
	// Version is exact; for [Provisioner.Find] it may be empty, for any.
	Version string
	// FIPS asks for the agent's FIPS mode.
	FIPS bool
	// Dir is where the agent goes if the vendor's place cannot be written to,
	// or empty.
	Dir string
}

// Agent is one that is in place.
type Agent struct {
	Version string
	// Dir is its folder, Preload the library for LD_PRELOAD; both absolute.
	Dir, Preload string
}

// Provisioner finds and installs agents.
type Provisioner struct {
	// Root is the folder that holds the agent where it can be written to.
	Root string
	// Temporary are folders to take otherwise, the best first.
	Temporary []string
	// Shell is what runs a script; without it the zip is taken.
	Shell string
	// Say is told how far an installation is, at each Interval.
	Say      func(string)
	Interval time.Duration
}

// New returns a Provisioner for a container.
func New(say func(string)) *Provisioner {
	return &Provisioner{
		Root:      agent.Root,
		Temporary: []string{"/tmp", "/var/tmp", "/dev/shm"},
		Shell:     "/bin/sh",
		Say:       say,
		Interval:  10 * time.Second,
	}
}
