package install

import (
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/signature"
	"github.com/org/dt-frontend/internal/install/supply"
	"github.com/stretchr/testify/require"
)

// TestCauseOf_Signature: on-error=skip builds no app without an agent because an
// installer was not signed as it has to be.
func TestCauseOf_Signature(t *testing.T) {
	t.Parallel()
	require.Equal(t, agent.CausePin, causeOf(&supply.SignatureError{Err: signature.ErrMissing}))
	_, err := installerCA(secret.NewSet(map[string]string{agent.SecretInstallerCA: "garbage"}))
	require.ErrorContains(t, err, "invalid DT_INSTALLER_CA: there is no certificate in it")
	require.Equal(t, agent.CausePin, causeOf(err))
	pool, err := installerCA(secret.Set{})
	require.NoError(t, err)
	require.Nil(t, pool)
}
