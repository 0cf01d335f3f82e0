package install

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// runTrust runs the step on secrets.
func runTrust(t *testing.T, secrets map[string]string) (dir string, report agent.Report) {
	t.Helper()
	from, out := t.TempDir(), t.TempDir()
	for id, v := range secrets {
		require.NoError(t, os.WriteFile(filepath.Join(from, id), []byte(v), 0o400))
	}
	require.NoError(t, trust(t.Context(), []string{"--out", out, "--secrets", from}, io.Discard, io.Discard))
	require.NoError(t, readJSON(filepath.Join(out, agent.ReportFile), &report))
	return out, report
}

func TestTrust(t *testing.T) {
	ca := front.NewAuthority(t)
	dir, report := runTrust(t, map[string]string{agent.SecretAgentCA: ca.PEM})
	name := filepath.Join(dir, agent.CAFile)
	dt, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, ca.PEM, string(dt))
	st, err := os.Stat(name)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), st.Mode())
	sum := sha256.Sum256(dt)
	require.Equal(t, agent.Report{CA: "sha256:" + hex.EncodeToString(sum[:])}, report)

	dir, report = runTrust(t, nil)
	require.Equal(t, agent.Report{}, report)
	require.NoFileExists(t, filepath.Join(dir, agent.CAFile))
}

func TestTrustRefuses(t *testing.T) {
	text := rand.Text()
	ca := front.NewAuthority(t)
	for name, tt := range map[string]struct {
		secrets map[string]string
		want    string
	}{
		"garbage":       {map[string]string{agent.SecretAgentCA: text}, "there is no certificate in it"},
		"a tenant's":    {map[string]string{agent.SecretAgentCA: ca.PEM, agent.SecretTenant: ca.Name}, "holds the environment id"},
		"of the server": {map[string]string{agent.SecretAgentCA: ca.PEM, agent.SecretAPIURL: ca.Name}, "holds the API address"},
	} {
		dir, report := runTrust(t, tt.secrets)
		require.Contains(t, report.Failure, "invalid DT_AGENT_CA: ", name)
		require.Contains(t, report.Failure, tt.want, name)
		require.NotContains(t, report.Failure, text, name)
		require.NotContains(t, report.Failure, ca.Name, name)
		require.Empty(t, report.CA, name)
		require.NoFileExists(t, filepath.Join(dir, agent.CAFile), name)
	}
}
