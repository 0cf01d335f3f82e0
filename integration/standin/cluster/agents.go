package cluster

import (
	"io"

	"github.com/org/dt-frontend/internal/agent"
)

// Agents are agents that an environment serves in place of this package's own.
// They are for 64-bit x86 with flavor default.
type Agents interface {
	// Versions are those that there are, oldest first.
	Versions() []string
	// WriteInstaller writes the installer for spec, whose version is one of
	// Versions. Without links it is one with skipMetadata.
	WriteInstaller(w io.Writer, spec Spec, links *AgentLinks) error
}

// AgentLinks are what an installer without skipMetadata names.
type AgentLinks struct {
	Tenant, TenantToken string
	Endpoints           []string
}

// WithAgents makes the environment offer these agents and no others. Faults of
// installers and odd places are for this package's own agents.
func WithAgents(agents Agents) EnvironmentOption {
	return func(s *settings) {
		s.agents = agents
		versions := agents.Versions()
		s.versions = map[platform][]string{{agent.ArchX86, agent.FlavorDefault}: versions}
		s.target = versions[len(versions)-1]
	}
}

// writeAgent writes an installer of one of the agents.
func (e *Environment) writeAgent(w io.Writer, s Spec) error {
	var links *AgentLinks
	if !s.SkipMetadata || e.settings.ignoreSkip {
		links = &AgentLinks{Tenant: e.id, TenantToken: e.tenantToken, Endpoints: e.endpoints(s.NetworkZone)}
	}
	return e.settings.agents.WriteInstaller(w, s, links)
}
