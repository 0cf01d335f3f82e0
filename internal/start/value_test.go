package start

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestValues_AsToolsLeaveThem: one line says what is wrong with a value, and the
// app starts.
func TestValues_AsToolsLeaveThem(t *testing.T) {
	t.Parallel()
	api := []string{"DT_API_URL=https://dt.example.invalid", "DT_API_TOKEN=apitoken", "DT_TENANT=abc12345"}
	for _, tc := range []struct {
		name string
		env  []string
		want string
	}{
		{"a quoted token", []string{`DT_API_TOKEN="apitoken"`, "DT_TENANT=abc12345"}, "invalid DT_API_TOKEN: it is in quotes"},
		{"a quoted tenant", []string{"DT_API_TOKEN=apitoken", "DT_TENANT='abc12345'"}, "invalid DT_TENANT: it is in quotes"},
		{"a name in front", []string{"DT_API_TOKEN=apitoken", "DT_TENANT=DT_TENANT=abc12345"}, "invalid DT_TENANT: it begins with the name of a variable"},
		{"a quoted tenant token", []string{`DT_TENANTTOKEN="x"`, "DT_TENANT=abc12345", "DT_CONNECTION_POINT=https://a.invalid"}, "invalid DT_TENANTTOKEN: it is in quotes"},
		{"all in quotes", []string{`DT_TENANTTOKEN="x"`, `DT_TENANT="abc12345"`, `DT_CONNECTION_POINT="https://a.invalid"`}, "invalid DT_TENANT: it is in quotes"},
		{"a quoted proxy", append(api, `DT_PROXY="http://proxy.invalid"`), "invalid DT_PROXY: it is in quotes"},
		{"a quoted network zone", append(api, `DT_NETWORK_ZONE="zone"`), "invalid DT_NETWORK_ZONE: it is in quotes"},
		{"a file in UTF-16", []string{"DT_API_TOKEN_FILE=/utf16", "DT_TENANT=abc12345"}, "invalid DT_API_TOKEN_FILE: it is in UTF-16"},
		{"a file of variables", []string{"DT_API_TOKEN_FILE=/named", "DT_TENANT=abc12345"}, "invalid DT_API_TOKEN_FILE: it begins with the name of a variable"},
		{"a quoted name of a file", []string{`DT_API_TOKEN_FILE="/utf16"`, "DT_TENANT=abc12345"}, "invalid DT_API_TOKEN_FILE: it is in quotes"},
		{"quoted services", []string{`VCAP_SERVICES='{"x":[]}'`}, "invalid VCAP_SERVICES: it is in quotes"},
		{"services in UTF-16", []string{"VCAP_SERVICES_FILE_PATH=/utf16"}, "invalid VCAP_SERVICES_FILE_PATH: it is in UTF-16"},
		{"a quoted credential", []string{`VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"a","apitoken":"'t'"}}]}`}, `VCAP_SERVICES, service "dynatrace": invalid apitoken: it is in quotes`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).set(tc.env...)
			f.files.put("/utf16", 0o644, "\xff\xfea\x00\n\x00").put("/named", 0o644, "DT_API_TOKEN=apitoken\n")
			p := f.make(t)
			require.Zero(t, p.Exit)
			require.False(t, p.Monitored)
			require.Equal(t, 1, strings.Count(said(p), "\n"), said(p))
			require.Contains(t, said(p), "the app runs unmonitored: ")
			require.Contains(t, said(p), tc.want)
			require.Equal(t, 1, strings.Count(said(p), tc.want), "once")
			require.Empty(t, f.cluster.requests)
		})
	}
}

// TestValues_WrongBesideRight: a wrong value is said where another source
// counts, and so is one that is the agent's alone.
func TestValues_WrongBesideRight(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables().set(`DT_TENANTTOKEN="x"`, "DT_CONNECTION_POINT=https://a.invalid")
	p := f.make(t)
	require.True(t, p.Monitored)
	require.Equal(t, "tenanttoken", newEnviron(p.Env).get("DT_TENANTTOKEN"))
	require.Contains(t, said(p), "dt-start: invalid DT_TENANTTOKEN: it is in quotes")

	f = newFixture(t).agentVariables().set(`DT_PROXY="http://proxy.invalid"`, "DT_NETWORK_ZONE='zone'")
	p = f.make(t)
	require.True(t, p.Monitored)
	require.Contains(t, said(p), "dt-start: invalid DT_PROXY: it is in quotes")
	require.Contains(t, said(p), "dt-start: invalid DT_NETWORK_ZONE: it is in quotes")
	require.Contains(t, p.Env, `DT_PROXY="http://proxy.invalid"`, "what the user gives stays")

	r := newRuntimeFixture(t, "")
	r.apiVariables().set(`DT_AGENT_DIR="/cache"`)
	require.Contains(t, said(r.make(t)), "the app runs unmonitored: invalid DT_AGENT_DIR: it is in quotes")
	require.Empty(t, r.installer.orders)
}
