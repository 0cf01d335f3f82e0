package install

import (
	"fmt"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/supply"
)

// handover returns what the resolve step handed on to this one, which other
// builds may share. Whatever is wrong with the one secret that the step was
// given is [supply.ErrForeign]: resolve would not have answered a build whose own
// token is missing, or is not usable.
func (s *step) handover() (*supply.Handover, error) {
	var resolved agent.Resolved
	if err := readJSON(s.resolved, &resolved); err != nil {
		return nil, err
	}
	given, err := secret.Load(s.secrets)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", supply.ErrForeign, err)
	}
	return supply.Open(resolved, given.Get(agent.SecretAPIToken))
}
