package check

import (
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestUndocumented(t *testing.T) {
	require.Equal(t, []string{"php"}, undocumented(agent.Spec{Flavor: agent.FlavorMusl, Include: []string{"java", "php"}}))
	require.Empty(t, undocumented(agent.Spec{Flavor: agent.FlavorMusl}))
	require.Empty(t, undocumented(agent.Spec{Flavor: agent.FlavorDefault, Include: []string{"php"}}))
}
