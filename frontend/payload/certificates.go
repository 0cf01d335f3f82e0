package payload

import (
	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
)

// Certificates are certificates of authorities that the agent is to trust.
type Certificates struct {
	// Step has left the file with the certificates.
	Step llb.State
	// Digest is the digest of that file.
	Digest string
}

// NewCertificates returns the certificates that a step has left, or nil if it
// left none.
func NewCertificates(step llb.State, report agent.Report) *Certificates {
	if report.CA == "" {
		return nil
	}
	return &Certificates{step, report.CA}
}
