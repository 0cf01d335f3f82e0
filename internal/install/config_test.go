package install

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/stretchr/testify/require"
)

// What resolve leaves to merge is the same whatever the order it came in, and
// names no environment: builders keep it, and caches may.
func TestWriteConfig(t *testing.T) {
	tenant, token, host := "abc12345", rand.Text(), strings.ToLower(rand.Text())+".invalid"
	secrets := secret.NewSet(map[string]string{agent.SecretTenant: tenant, agent.SecretAPIToken: "dt0c01." + rand.Text() + "." + rand.Text()})
	connection := &deploy.ConnectionInfo{Tenant: tenant, TenantToken: token, Endpoints: []string{"https://" + host + "/communication"}}
	write := func(a configAnswer) (agent.ModuleConfig, []string) {
		out := t.TempDir()
		values, err := forbiddenValues(secrets, connection, "")
		require.NoError(t, err)
		asked := make(chan configAnswer, 1)
		asked <- a
		s := resolveStep{out: out, config: true}
		require.NoError(t, s.writeConfig(asked, secrets, values))
		warnings := s.report.Warnings
		dt, err := os.ReadFile(filepath.Join(out, "config/config.json"))
		require.NoError(t, err)
		for _, s := range []string{tenant, token, host, secrets.Get(agent.SecretAPIToken)} {
			require.NotContains(t, string(dt)+strings.Join(warnings, ""), s)
		}
		var c agent.ModuleConfig
		require.NoError(t, json.Unmarshal(dt, &c))
		return c, warnings
	}
	const stay = "; the agent keeps the installer's own settings"
	properties := []agent.Property{
		{Section: "general", Key: "b", Value: "1"},
		{Section: "agentType", Key: "a", Value: "2"},
		{Section: "general", Key: "tenant", Value: tenant},
	}
	want := agent.ModuleConfig{Revision: math.MaxUint64, Properties: []agent.Property{properties[1], properties[0]}}
	got, warnings := write(configAnswer{ModuleConfig: &agent.ModuleConfig{Revision: math.MaxUint64, Properties: properties}})
	require.Equal(t, want, got)
	require.Empty(t, warnings)

	bad := slices.Concat(properties, []agent.Property{{Section: "general", Key: "at", Value: "https://" + host}})
	got, warnings = write(configAnswer{ModuleConfig: &agent.ModuleConfig{Revision: math.MaxUint64, Properties: bad}})
	require.Equal(t, want, got)
	require.Equal(t, []string{`config=merge: left out, since an image may not hold what names the environment: "general/at"`}, warnings)

	bad = slices.Concat(properties, []agent.Property{{Section: "general", Key: "at", Value: "x\ny"}})
	got, warnings = write(configAnswer{ModuleConfig: &agent.ModuleConfig{Revision: math.MaxUint64, Properties: bad}})
	require.Equal(t, want, got)
	require.Equal(t, []string{`config=merge: left out, since the value has a control character: "general/at"`}, warnings)

	got, warnings = write(configAnswer{ModuleConfig: &agent.ModuleConfig{Revision: 1, Properties: bad[3:]}})
	require.Zero(t, got)
	require.Equal(t, []string{"config=merge: the environment's process-module configuration: it holds nothing that an image may have; " +
		`left out, since the value has a control character: "general/at"` + stay}, warnings)

	got, warnings = write(configAnswer{err: errors.New("asked " + host + " for " + tenant)})
	require.Zero(t, got)
	require.Equal(t, []string{"config=merge: the environment's process-module configuration: asked <communication endpoint host> for <DT_TENANT>" + stay}, warnings)
}
