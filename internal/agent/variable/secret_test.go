package variable

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tables of this test are written by hand: a loop over Secrets would not
// notice what is missing there.
func TestSecrets_NamesEveryConfidentialVariable(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		choose func(Secret) bool
		want   string
	}{
		"all":          {func(Secret) bool { return true }, "DT_API_URL DT_API_TOKEN DT_TENANT DT_CA_CERT DT_PROXY DT_INSTALLER_CA DT_AGENT_CA DT_PAAS_TOKEN DT_TENANTTOKEN DT_CONNECTION_AUTH_TOKEN DT_CONNECTION_POINT DT_CONNECTION_BASE_URL"},
		"of a cluster": {func(s Secret) bool { return s.Step == ClusterStep }, "DT_API_URL DT_API_TOKEN DT_TENANT DT_CA_CERT DT_PROXY DT_INSTALLER_CA"},
		"of an agent":  {func(s Secret) bool { return s.Step == TrustStep }, "DT_AGENT_CA"},
		"required":     {func(s Secret) bool { return s.Required }, "DT_API_TOKEN DT_TENANT"},
		"tokens":       {func(s Secret) bool { return s.Kind.IsToken() }, "DT_API_TOKEN DT_PAAS_TOKEN DT_TENANTTOKEN DT_CONNECTION_AUTH_TOKEN"},
		"API tokens":   {func(s Secret) bool { return s.Kind == KindAPIToken }, "DT_API_TOKEN DT_PAAS_TOKEN"},
		"what opens":   {func(s Secret) bool { return s.Kind.MayOpen() }, "DT_API_TOKEN DT_PROXY DT_PAAS_TOKEN DT_TENANTTOKEN DT_CONNECTION_AUTH_TOKEN"},
		"links":        {func(s Secret) bool { return s.Kind.IsLink() }, "DT_API_URL DT_API_TOKEN DT_TENANT DT_PAAS_TOKEN DT_TENANTTOKEN DT_CONNECTION_AUTH_TOKEN DT_CONNECTION_POINT DT_CONNECTION_BASE_URL"},
		"addresses":    {func(s Secret) bool { return s.Kind.IsAddress() }, "DT_API_URL DT_PROXY DT_CONNECTION_POINT DT_CONNECTION_BASE_URL"},
		"certificates": {func(s Secret) bool { return s.Kind == KindCertificate }, "DT_CA_CERT DT_INSTALLER_CA DT_AGENT_CA"},
		"endpoints":    {func(s Secret) bool { return s.Kind == KindEndpoint }, "DT_CONNECTION_POINT DT_CONNECTION_BASE_URL"},
	} {
		require.Equal(t, strings.Fields(tt.want), Names(tt.choose), name)
	}
}

func TestKindOf_KnowsConfidentialVariablesOnly(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Kind{
		"DT_API_URL": "API address", "DT_PAAS_TOKEN": "API token", "DT_TENANTTOKEN": "tenant token", "DT_CONNECTION_BASE_URL": "communication endpoint",
		"DT_PROXY": "proxy", "DT_AGENT_CA": "certificate", "DT_TENANT": "environment id", "DT_NETWORK_ZONE": "", "DT_API": "", "": "",
	} {
		require.Equal(t, want, KindOf(name), name)
	}
}

// What findings and messages call a value is documented, and machines may read it.
func TestKind_IsWhatReportsSay(t *testing.T) {
	t.Parallel()
	require.Equal(t, []Kind{"API token", "tenant token", "environment id", "API address", "communication endpoint", "proxy", "certificate", "fingerprint", "environment setting"},
		[]Kind{KindAPIToken, KindTenantToken, KindTenant, KindAPIAddress, KindEndpoint, KindProxy, KindCertificate, KindFingerprint, KindSetting})
	for _, k := range []Kind{KindFingerprint, KindSetting, KindCertificate, KindProxy} {
		require.False(t, k.IsToken() || k.IsLink(), k)
	}
}
