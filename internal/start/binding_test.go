package start

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

// bind puts the keys of a binding into the root file system.
func (f *fixture) bind(name string, keys map[string]string) *fixture {
	for key, content := range keys {
		f.files.put("/bindings/"+name+"/"+key, 0o644, content)
	}
	return f
}

// TestBinding_Forms has what Paketo's buildpack takes, and how people write it.
func TestBinding_Forms(t *testing.T) {
	t.Parallel()
	saas := deploy.RawCredentials{URL: "https://a1.live.dynatrace.com/api", Tenant: "a1", Token: "t"}
	for _, tc := range []struct {
		name, dir string
		keys      map[string]string
		want      deploy.RawCredentials
		said      string
	}{
		{name: "by type", dir: "x", keys: map[string]string{"type": "Dynatrace", "environment-id": "a1", "api-token": "t"}, want: saas},
		{name: "by a part of the type", dir: "x", keys: map[string]string{"type": "dynatrace-saas", "environment-id": "a1", "api-token": "t"}, want: saas},
		{name: "by name", dir: "My-DynaTrace", keys: map[string]string{"type": "user-provided", "environment-id": "a1", "apitoken": "t"}, want: saas},
		{name: "by name alone", dir: "dynatrace", keys: map[string]string{"environmentId": "a1\n", "API_TOKEN": "t\r\n"}, want: saas},
		{name: "neither", dir: "x", keys: map[string]string{"type": "other", "environment-id": "a1", "api-token": "t"}, said: "no communication details"},
		{name: "hidden", dir: "..dynatrace", keys: map[string]string{"environment-id": "a1", "api-token": "t"}, said: "no communication details"},
		{name: "api-url before apiurl", dir: "dynatrace", keys: map[string]string{"apiurl": "https://b.invalid", "api-url": "https://a.invalid/api", "environment-id": "a1", "api-token": "t"}, want: deploy.RawCredentials{URL: "https://a.invalid/api", Tenant: "a1", Token: "t"}},
		{name: "the environment in the URL", dir: "dynatrace", keys: map[string]string{"api-url": "https://dt.invalid/e/a1/api", "api-token": "t"}, want: deploy.RawCredentials{URL: "https://dt.invalid/e/a1/api", Tenant: "a1", Token: "t"}},
		{name: "the environment in the host", dir: "dynatrace", keys: map[string]string{"api-url": "https://a1.live.dynatrace.com/api", "api-token": "t"}, want: saas},
		{name: "no environment", dir: "dynatrace", keys: map[string]string{"api-url": "https://dt.invalid/api", "api-token": "t"}, said: `SERVICE_BINDING_ROOT, binding "dynatrace": environment-id missing`},
		{name: "empty", dir: "dynatrace", keys: map[string]string{"type": "x"}, said: `binding "dynatrace": environment-id and api-token missing`},
		{name: "quotes", dir: "dynatrace", keys: map[string]string{"environment-id": `"a1"`, "api-token": "t"}, said: `SERVICE_BINDING_ROOT, binding "dynatrace": invalid environment-id: it is in quotes`},
		{name: "UTF-16", dir: "dynatrace", keys: map[string]string{"environment-id": "a1", "api-token": "\xff\xfet\x00"}, said: `binding "dynatrace": invalid api-token: it is in UTF-16`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).set("SERVICE_BINDING_ROOT=/bindings").bind(tc.dir, tc.keys)
			f.files.put("/bindings/..data", 0o644, "")
			p := f.make(t)
			if tc.said != "" {
				require.Contains(t, said(p), tc.said)
				require.Equal(t, 1, strings.Count(said(p), "\n"))
				require.Empty(t, f.cluster.requests)
				return
			}
			require.Empty(t, said(p))
			require.Equal(t, tc.want, rawOf(f.cluster.requests[0].Credentials))
		})
	}
}

// TestBinding_Variables: every key without a meaning becomes a variable of the
// agent, unless it holds a secret or the user has set it.
func TestBinding_Variables(t *testing.T) {
	t.Parallel()
	secret := rand.Text()
	f := newFixture(t).set("SERVICE_BINDING_ROOT=/bindings", "DT_TAGS=mine", "DT_CLUSTER_ID=").bind("dynatrace", map[string]string{
		"type": "dynatrace", "provider": "x", "environment-id": "abc12345", "api-token": secret,
		"custom.prop": " COST_CENTER=12 Department=\"A B\" \n", "tags": "theirs", "cluster-id": "theirs", "logstream": "stdout", "proxy": "http://proxy.invalid:3128",
		"network-zone": "zone", "paas-token": secret, "some.SecretKey": secret, "customoneagenturl": "https://a.invalid?x=" + secret,
		"note": "https://a.invalid?Api-Token=" + secret, "other": "dt0c01." + secret, "metrics-ingest-token": secret, "proxy-password": secret,
		"start-on-error": "fail", "connection-point": "https://other.invalid", "odd$": "x", ".hidden": "x", "quoted": `"x"`,
		"large": strings.Repeat("x", maxPreset+1),
	})
	p := f.make(t)
	env := newEnviron(p.Env)
	require.True(t, p.Monitored, said(p))
	for name, want := range map[string]string{
		"DT_CUSTOM_PROP": `COST_CENTER=12 Department="A B"`, "DT_TAGS": "mine", "DT_CLUSTER_ID": "", "DT_LOGSTREAM": "stdout", "DT_PROXY": "http://proxy.invalid:3128",
		"DT_NETWORK_ZONE": "zone", "DT_CONNECTION_POINT": "https://a.invalid;https://b.invalid", "DT_TYPE": "", "DT_PROVIDER": "",
	} {
		require.Equal(t, want, env.get(name), name)
	}
	all := strings.Join(p.Env, "\n")
	require.NotContains(t, all+said(p), secret)
	for _, name := range []string{"DT_START_ON_ERROR", "DT_ODD", "HIDDEN", "DT_QUOTED", "DT_LARGE", "TOKEN="} {
		require.NotContains(t, strings.ReplaceAll(all, "DT_TENANTTOKEN=", ""), name)
	}
	require.Equal(t, "http://proxy.invalid:3128", f.cluster.requests[0].Proxy, "the request goes the way that the agent goes")
	require.Equal(t, "zone", f.cluster.requests[0].NetworkZone)
	const from = `dt-start: SERVICE_BINDING_ROOT (binding "dynatrace"): `
	require.Equal(t, from+"customoneagenturl is ignored: what is in the image was decided when it was built\n"+
		from+"large is larger than 32768 bytes, so it is ignored\n"+
		from+"invalid quoted: it is in quotes, which are part of the value (docker run --env-file and files keep them); remove the quotes\n", said(p))
}
