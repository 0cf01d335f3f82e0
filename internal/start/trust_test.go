package start

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// image has the fixture's image set variables, which its build knew of.
func (f *fixture) image(t *testing.T, change func(*agent.Settings), env ...string) *fixture {
	t.Helper()
	s := agent.Settings{
		Mode: agent.ModeBuild, Flavor: agent.FlavorDefault, Arch: agent.ArchX86, Preload: library,
		ImageEnv: agent.ImageVariables(env),
	}
	if change != nil {
		change(&s)
	}
	dt, err := json.Marshal(s)
	require.NoError(t, err)
	f.files.put(agent.SettingsPath, 0o644, string(dt))
	return f.set(env...)
}

const proxied = "HTTPS_PROXY=http://proxy.invalid:3128"

// TestSteering_TheImageGetsNoToken: what the image sets is an attack on whoever
// starts a container of it and gives a token.
func TestSteering_TheImageGetsNoToken(t *testing.T) {
	t.Parallel()
	for name, env := range map[string][]string{
		"the address":                       {"DT_API_URL=https://evil.invalid"},
		"a file with the address":           {"DT_API_URL_FILE=/evil/url"},
		"a proxy and its authority":         {"DT_PROXY=http://evil.invalid:3128", "DT_CA_CERT=/evil/ca.pem"},
		"the usual proxy and its authority": {proxied, "SSL_CERT_FILE=/evil/ca.pem"},
		"a directory of authorities":        {proxied, "SSL_CERT_DIR=/etc/ssl/certs:/evil"},
		"its word for itself":               {"DT_API_URL=https://evil.invalid", "DT_START_TRUST_IMAGE=true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := rand.Text()
			attacked := func() *fixture {
				f := newFixture(t).image(t, nil, env...).set("DT_TENANT=abc12345", "DT_API_TOKEN="+token)
				f.files.put("/evil/url", 0o644, "https://evil.invalid").put("/evil/ca.pem", 0o644, "authority")
				return f
			}
			f := attacked()
			p := f.make(t)
			require.Empty(t, f.cluster.requests, "the token goes nowhere")
			require.False(t, p.Monitored)
			require.Zero(t, p.Exit, "the app starts")
			require.Equal(t, 1, strings.Count(said(p), "\n"), said(p))
			require.Contains(t, said(p), "since the image itself sets ")
			require.NotContains(t, said(p), token)
			require.NotContains(t, strings.Join(p.Env, "\n"), token)

			require.Equal(t, exitConfig, attacked().set("DT_START_ON_ERROR=fail").make(t).Exit)

			// Whoever starts the container decides, and so does the build.
			if name != "its word for itself" {
				f = attacked().set("DT_START_TRUST_IMAGE=true")
				require.True(t, f.make(t).Monitored)
				require.Len(t, f.cluster.requests, 1)
			}
			f = attacked()
			f.env = f.env[:2]
			f.image(t, func(s *agent.Settings) { s.TrustImage = true }, env...).set("DT_TENANT=abc12345", "DT_API_TOKEN="+token)
			require.True(t, f.make(t).Monitored)

			d := Diagnose(t.Context(), Input{Args: f.args, Env: attacked().env, Files: attacked().files, Cluster: f.cluster})
			require.False(t, d.Monitored)
			require.Contains(t, strings.Join(d.Missing, "\n"), "since the image itself sets ")
		})
	}
}

// TestSteering_WhatTheUserGives counts, whatever the image had in its place, and
// so does what is the same without the image.
func TestSteering_WhatTheUserGives(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ image, user []string }{
		"a proxy of the image":                         {image: []string{proxied, "DT_PROXY=http://proxy.invalid"}, user: []string{"DT_API_URL=https://dt.invalid"}},
		"another address":                              {image: []string{"DT_API_URL=https://evil.invalid"}, user: []string{"DT_API_URL=https://dt.invalid"}},
		"another authority":                            {image: []string{"SSL_CERT_FILE=/evil/ca.pem"}, user: []string{"SSL_CERT_FILE=/etc/ca.pem"}},
		"the system's authorities":                     {image: []string{"SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt", "SSL_CERT_DIR=/etc/ssl/certs"}},
		"nothing of the image's":                       {user: []string{"DT_API_URL=https://dt.invalid"}},
		"an address in a file that counts for nothing": {image: []string{"DT_API_URL_FILE=/evil/url"}, user: []string{"DT_API_URL=https://dt.invalid"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).image(t, nil, tc.image...)
			for _, e := range tc.user {
				name, value, _ := strings.Cut(e, "=")
				env := newEnviron(f.env)
				env.set(name, value)
				f.env = env.list()
			}
			f.set("DT_TENANT=abc12345", "DT_API_TOKEN=apitoken")
			p := f.make(t)
			require.True(t, p.Monitored, said(p))
			require.Len(t, f.cluster.requests, 1)
			require.Empty(t, said(p))
		})
	}
}

// TestSteering_TheTenantToken goes to no endpoint of the image's.
func TestSteering_TheTenantToken(t *testing.T) {
	t.Parallel()
	image := "DT_CONNECTION_POINT=https://evil.invalid"
	p := newFixture(t).image(t, nil, image).set("DT_TENANT=abc12345", "DT_TENANTTOKEN="+rand.Text()).make(t)
	require.False(t, p.Monitored)
	require.Contains(t, said(p), "DT_TENANTTOKEN is not sent, since the image itself sets DT_CONNECTION_POINT")

	f := newFixture(t).image(t, nil, image).apiVariables().set("DT_TENANTTOKEN=" + rand.Text())
	p = f.make(t)
	require.True(t, p.Monitored, said(p))
	require.Equal(t, "tenanttoken", newEnviron(p.Env).get("DT_TENANTTOKEN"))
	require.Contains(t, said(p), "DT_TENANTTOKEN is not sent")

	// The cluster's own word replaces the image's.
	f = newFixture(t).image(t, nil, image).apiVariables()
	p = f.make(t)
	require.True(t, p.Monitored, said(p))
	require.Equal(t, "https://a.invalid;https://b.invalid", newEnviron(p.Env).get("DT_CONNECTION_POINT"))
}

// TestSteering_TheImageDoesNotKeepTheToken for the app.
func TestSteering_TheImageDoesNotKeepTheToken(t *testing.T) {
	t.Parallel()
	p := newFixture(t).image(t, nil, "DT_START_KEEP_TOKEN=true").apiVariables().make(t)
	require.True(t, p.Monitored)
	require.NotContains(t, strings.Join(p.Env, "\n"), "DT_API_TOKEN=")
	require.Contains(t, said(p), "DT_START_KEEP_TOKEN is ignored: the image itself sets it")

	p = newFixture(t).image(t, func(s *agent.Settings) { s.TrustImage = true }, "DT_START_KEEP_TOKEN=true").apiVariables().make(t)
	require.Contains(t, p.Env, "DT_API_TOKEN=apitoken")
}

// TestSteering_RuntimeMode downloads nothing with such a token either.
func TestSteering_RuntimeMode(t *testing.T) {
	t.Parallel()
	const image = "DT_API_URL=https://evil.invalid"
	f := newRuntimeFixture(t, "")
	f.image(t, func(s *agent.Settings) { s.Mode, s.Preload = agent.ModeRuntime, "" }, image)
	f.set("DT_TENANT=abc12345", "DT_API_TOKEN=apitoken", "DT_TENANTTOKEN=tenanttoken", "DT_CONNECTION_POINT=https://a.invalid")
	p := f.make(t)
	require.False(t, p.Monitored)
	require.Contains(t, said(p), "since the image itself sets DT_API_URL")
	require.Empty(t, f.cluster.requests)
	require.Empty(t, f.installer.orders)
}

// TestImageSwitchesTheAgentOff: nobody who starts the container has said so.
func TestImageSwitchesTheAgentOff(t *testing.T) {
	t.Parallel()
	f := newFixture(t).image(t, nil, "DT_AGENTACTIVE=false").apiVariables()
	require.Equal(t, "dt-start: the app runs unmonitored: the image itself sets DT_AGENTACTIVE=false, which switches the agent off: set it to true when the container starts\n",
		said(f.make(t)))
	require.Empty(t, f.cluster.requests)
	require.Equal(t, exitConfig, f.set("DT_START_ON_ERROR=fail").make(t).Exit)
}
