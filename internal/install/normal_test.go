package install

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

// What an editor on Windows puts around a secret keeps no step from finding its
// value in an agent.
func TestForbiddenValues_FindsWhatWasGivenWithAMark(t *testing.T) {
	t.Parallel()
	raw := map[string]string{
		agent.SecretAPIURL:   "https://" + strings.ToLower(rand.Text()) + ".invalid/e/x/api",
		agent.SecretTenant:   strings.ToLower(rand.Text()),
		agent.SecretAPIToken: "dt0c01." + rand.Text() + "." + rand.Text(),
		agent.SecretProxy:    "http://" + strings.ToLower(rand.Text()) + ".invalid:3128",
	}
	dir := t.TempDir()
	for id, v := range raw {
		require.NoError(t, os.WriteFile(filepath.Join(dir, id), []byte("\ufeff"+v+"\r\n"), 0o400))
	}
	secrets, err := secret.Load(dir)
	require.NoError(t, err)
	values, err := forbiddenValues(secrets, &deploy.ConnectionInfo{Tenant: "other123", TenantToken: rand.Text()}, "")
	require.NoError(t, err)
	for name, list := range map[string][]scan.Value{"with the cluster's answer": values, "without": secretValues(secrets)} {
		scanner := scan.New(list)
		for id, v := range raw {
			require.NotEmpty(t, scanner.String("x="+v+";"), "%s, %s", id, name)
		}
	}
}
