package frontend

import (
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
)

// failure is an error of the agent's part of a build, in words for the person
// who builds.
type failure struct {
	message string
	// line of the Dockerfile that it is about; 0 is the syntax line.
	line int
	// unread says that a step failed and its report could not be read, as where
	// the step is shared with another build.
	unread bool
	// cause is what kind of failure it is, where that matters.
	cause agent.Cause
	// downloaded is when the installer was, that an install step failed with.
	downloaded time.Time
}

// Error is what the client prints.
func (f *failure) Error() string {
	return "dynatrace: " + scan.Printable(f.message)
}
