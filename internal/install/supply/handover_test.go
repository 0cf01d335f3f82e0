package supply

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/stretchr/testify/require"
)

// buildSecrets are the secrets of one build, all of them random.
func buildSecrets() map[string]string {
	s := map[string]string{}
	for _, id := range agent.Secrets {
		s[id] = id + "-" + rand.Text()
	}
	return s
}

func sealed(t *testing.T, s map[string]string, env NetworkEnv, tenantToken, version string) agent.Resolved {
	t.Helper()
	r, err := newHandover(secret.NewSet(s), env, tenantToken, version).seal(s[agent.SecretAPIToken])
	require.NoError(t, err)
	return r
}

// TestHandover_GivesWhatResolveHad: a later step has the same secrets, and those
// that resolve was not given are missing there, too.
func TestHandover_GivesWhatResolveHad(t *testing.T) {
	t.Parallel()
	s := buildSecrets()
	for _, absent := range append([]string{""}, agent.SecretCACert, agent.SecretProxy, agent.SecretInstallerCA) {
		delete(s, absent)
		want := maps.Clone(s)
		delete(want, agent.SecretAgentCA) // of resolve and trust alone
		h, err := Open(sealed(t, s, NetworkEnv{Hosts: "h"}, "tt", testVersion), s[agent.SecretAPIToken])
		require.NoError(t, err)
		require.Equal(t, &Handover{Version: testVersion, Secrets: secret.NewSet(want), NetworkEnv: NetworkEnv{Hosts: "h"}, TenantToken: "tt"}, h)
	}
}

// TestHandover_Hides: the document lies in builders' storage and in exported
// caches.
func TestHandover_Hides(t *testing.T) {
	t.Parallel()
	s := buildSecrets()
	tenantToken, hosts := rand.Text(), rand.Text()
	r := sealed(t, s, NetworkEnv{Hosts: hosts}, tenantToken, testVersion)
	for _, v := range s {
		require.NotContains(t, string(r.Sealed), v)
	}
	require.NotContains(t, string(r.Sealed), tenantToken)
	require.NotContains(t, string(r.Sealed), hosts)

	longer := maps.Clone(s)
	longer[agent.SecretAPIURL] += "x"
	require.Len(t, sealed(t, longer, NetworkEnv{Hosts: hosts}, tenantToken, testVersion).Sealed, len(r.Sealed), "nor how long an address is")
}

// TestHandover_KeysTheCache: the same build gives the same bytes. Another
// environment, way, token or version gives others.
func TestHandover_KeysTheCache(t *testing.T) {
	t.Parallel()
	base := buildSecrets()
	env := NetworkEnv{Hosts: "127.0.0.1 localhost", Proxies: []string{"HTTPS_PROXY="}}
	want := sealed(t, base, env, "tt", testVersion)
	require.Equal(t, want, sealed(t, maps.Clone(base), env, "tt", testVersion))

	other := map[string]agent.Resolved{
		"hosts":        sealed(t, base, NetworkEnv{Hosts: "192.0.2.1 cluster.invalid", Proxies: env.Proxies}, "tt", testVersion),
		"proxy":        sealed(t, base, NetworkEnv{Hosts: env.Hosts, Proxies: []string{"HTTPS_PROXY=http://p.invalid"}}, "tt", testVersion),
		"tenant token": sealed(t, base, env, "tt2", testVersion),
		"version":      sealed(t, base, env, "tt", "1.2.3.20250101-000000"),
	}
	for _, id := range agent.ClusterSecrets {
		changed := maps.Clone(base)
		changed[id] += "x"
		other[id] = sealed(t, changed, env, "tt", testVersion)
		delete(changed, id)
		other["without "+id] = sealed(t, changed, env, "tt", testVersion)
	}
	seen := map[string]string{want.Fingerprint(): "base"}
	for name, r := range other {
		require.NotContains(t, seen, r.Fingerprint(), "%s is as %s", name, seen[r.Fingerprint()])
		seen[r.Fingerprint()] = name
	}
	changed := maps.Clone(base)
	changed[agent.SecretAgentCA] += "x"
	require.Equal(t, want, sealed(t, changed, env, "tt", testVersion), "no later step has these certificates")
}

// TestOpen_Foreign: nobody works for a document that his own token does not
// open, nor for one that he has changed.
func TestOpen_Foreign(t *testing.T) {
	t.Parallel()
	s := buildSecrets()
	r := sealed(t, s, NetworkEnv{}, "tt", testVersion)
	another := r
	another.Version = "1.2.3.20250101-000000"
	for name, tt := range map[string]struct {
		resolved agent.Resolved
		token    string
	}{
		"another token":   {r, s[agent.SecretAPIToken] + "x"},
		"no token":        {r, ""},
		"no document":     {agent.Resolved{Version: testVersion}, s[agent.SecretAPIToken]},
		"another version": {another, s[agent.SecretAPIToken]},
	} {
		_, err := Open(tt.resolved, tt.token)
		require.ErrorIs(t, err, ErrForeign, name)
		require.NotContains(t, err.Error(), s[agent.SecretAPIToken], name)
	}
}

func TestHandover_Verify(t *testing.T) {
	t.Parallel()
	env, err := CurrentNetworkEnv()
	require.NoError(t, err)
	h := newHandover(secret.NewSet(buildSecrets()), env, "tt", testVersion)
	require.NoError(t, h.VerifyNetworkEnv())
	require.NoError(t, h.Verify(&Connection{Info: deploy.ConnectionInfo{TenantToken: "tt"}}))
	require.ErrorIs(t, h.Verify(&Connection{Info: deploy.ConnectionInfo{TenantToken: "other"}}), ErrChanged)

	h.NetworkEnv.Hosts += "192.0.2.1 cluster.invalid\n"
	require.ErrorIs(t, h.VerifyNetworkEnv(), ErrForeign)
	h.NetworkEnv = NetworkEnv{Hosts: env.Hosts, Proxies: append([]string{"HTTPS_PROXY=http://p.invalid"}, env.Proxies[1:]...)}
	require.ErrorIs(t, h.VerifyNetworkEnv(), ErrForeign)
}

func TestFingerprint_IsInTheDocument(t *testing.T) {
	t.Parallel()
	require.Empty(t, agent.Resolved{}.Fingerprint())
	r := sealed(t, buildSecrets(), NetworkEnv{}, "tt", testVersion)
	dt, err := json.Marshal(r)
	require.NoError(t, err)
	require.Contains(t, string(dt), `"sealed":"`+r.Fingerprint())
}
