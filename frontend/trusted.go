package frontend

import (
	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
)

// trusted are certificates of authorities that the agent is to trust.
type trusted struct {
	step llb.State
	// digest is that of the file which the step has left.
	digest string
}

// newTrusted returns those that a step has left, or nil for none.
func newTrusted(step llb.State, report agent.Report) *trusted {
	if report.CA == "" {
		return nil
	}
	return &trusted{step, report.CA}
}
