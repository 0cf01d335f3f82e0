package notice

import (
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
)

// Error is an error of the agent's part of a build, in words for the person
// who builds.
type Error struct {
	// Message says what happened, and what to do.
	Message string
	// Line of the Dockerfile that it is about; 0 is the syntax line.
	Line int
	// Unread says that a step failed and its report could not be read, as where
	// the step is shared with another build.
	Unread bool
	// Cause is what kind of failure it is, where that matters.
	Cause agent.Cause
	// Downloaded is when the installer of a failed install step was downloaded;
	// zero if that does not matter.
	Downloaded time.Time
}

// Error is what the client prints.
func (e *Error) Error() string {
	return "dynatrace: " + scan.Printable(e.Message)
}
