package install

import (
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/stretchr/testify/require"
)

// TestForbiddenValues_AllHosts: what is looked for in an agent holds the
// address as the user gave it, the API's, and every endpoint that the cluster
// names.
func TestForbiddenValues_AllHosts(t *testing.T) {
	t.Parallel()
	secrets := secret.NewSet(map[string]string{
		agent.SecretAPIURL:   "https://Xyz98765.apps.dynatrace.com/ui/settings?gtf=-2h",
		agent.SecretTenant:   "xyz98765",
		agent.SecretAPIToken: "dt0c01.public.secret",
	})
	values, err := forbiddenValues(secrets, &deploy.ConnectionInfo{
		Tenant: "xyz98765", TenantToken: "t",
		Endpoints: []string{"https://ag1.example.com/communication"}, Others: []string{"https://ag2.example.com/communication"},
	}, "")
	require.NoError(t, err)
	var got []string
	for _, v := range values {
		got = append(got, v.Value)
	}
	require.Contains(t, got, "Xyz98765.apps.dynatrace.com")
	require.Contains(t, got, "xyz98765.live.dynatrace.com")
	require.Contains(t, got, "ag1.example.com")
	require.Contains(t, got, "ag2.example.com")
	require.Contains(t, got, "https://xyz98765.live.dynatrace.com/api")
}
