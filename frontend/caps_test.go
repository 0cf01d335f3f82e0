package frontend

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidateCaps(t *testing.T) {
	require.NoError(t, validateCaps(""))
	require.NoError(t, validateCaps("moby.buildkit.frontend.inputs,moby.buildkit.frontend.contexts+forward"))
	require.ErrorContains(t, validateCaps("moby.buildkit.frontend.unheard"), "unheard")
}
