package start

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

func TestDebugHidesSecrets(t *testing.T) {
	t.Parallel()
	apiToken, tenantToken := rand.Text(), rand.Text()
	f := newFixture(t).set("DT_API_TOKEN="+apiToken, "DT_TENANT=abc12345", "DT_START_LOG=debug")
	f.cluster.info.TenantToken = tenantToken
	p := f.make(t)
	require.True(t, p.Monitored)
	require.Contains(t, said(p), "dt-start: communication details are from the API variables\n")
	require.Contains(t, said(p), "DT_TENANTTOKEN=<tenant token>")
	require.Contains(t, said(p), "set LD_PRELOAD="+library)
	require.NotContains(t, said(p), apiToken)
	require.NotContains(t, said(p), tenantToken)
}

// TestLog_HidesATokenInPieces: what is not printed may stand between them.
func TestLog_HidesATokenInPieces(t *testing.T) {
	t.Parallel()
	token, secret := formed()
	l := Log{secrets: scan.NewRedactor()}
	l.add(levelWarn, "a "+token[:40]+"\u200b"+token[40:]+" b")
	require.NotContains(t, l.lines[0].text, secret[:8])
	require.Equal(t, "a <API token> b", l.lines[0].text)
}

func TestLevel_IsNamed(t *testing.T) {
	t.Parallel()
	require.Equal(t, "[debug warn error]", fmt.Sprint([]level{levelDebug, levelWarn, levelError}))
}
