package start

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

func TestSources(t *testing.T) {
	t.Parallel()
	const vcap = `{"user-provided":[{"name":"my-Dynatrace-service","credentials":{"environmentid":"vcap1","apitoken":"vcaptoken","apiurl":"https://vcap.invalid/api"}}]}`
	files := map[string]string{
		"/run/secrets/token":          "\ufefffiletoken\r\n",
		"/run/secrets/tenant":         "file1\n",
		"/run/secrets/empty":          "\n",
		"/vcap.json":                  vcap,
		"/bad.json":                   "{",
		"/huge.json":                  strings.Repeat(" ", 10<<20),
		"/bindings/db/type":           "postgresql",
		"/bindings/dt/type":           "Dynatrace\n",
		"/bindings/dt/api-url":        "https://bind.invalid/api\n",
		"/bindings/dt/environment-id": "bind1\n",
		"/bindings/dt/api-token":      "bindtoken\n",
		"/two/a/type":                 "dynatrace",
		"/two/a/environment-id":       "a1",
		"/two/a/apitoken":             "atoken",
		"/two/b/type":                 "dynatrace",
		"/two/b/environment-id":       "b1",
		"/two/b/apitoken":             "btoken",
		"/half/dt/type":               "dynatrace",
		"/half/dt/environment-id":     "half1",
	}
	apiOf := func(url, tenant, token string) deploy.RawCredentials {
		return deploy.RawCredentials{URL: url, Tenant: tenant, Token: token}
	}
	for _, tc := range []struct {
		name string
		env  []string
		// The source that is asked, or none and why.
		want deploy.RawCredentials
		said string
	}{
		{name: "api", env: []string{"DT_API_TOKEN= t \r\n", "DT_TENANT=a1"}, want: apiOf("https://a1.live.dynatrace.com/api", "a1", "t")},
		{name: "files", env: []string{"DT_API_TOKEN_FILE=/run/secrets/token", "DT_TENANT_FILE=/run/secrets/tenant"}, want: apiOf("https://file1.live.dynatrace.com/api", "file1", "filetoken")},
		{name: "variable before file", env: []string{"DT_API_TOKEN=t", "DT_API_TOKEN_FILE=/none", "DT_TENANT=a1"}, want: apiOf("https://a1.live.dynatrace.com/api", "a1", "t")},
		{name: "no such file", env: []string{"DT_API_TOKEN_FILE=/none", "DT_TENANT=a1"}, said: "reading the file of DT_API_TOKEN_FILE: file does not exist"},
		{name: "empty file", env: []string{"DT_API_TOKEN_FILE=/run/secrets/empty", "DT_API_URL=https://a.invalid", "DT_TENANT=a1"}, said: "DT_API_TOKEN is not set beside DT_API_URL"},
		{name: "no tenant", env: []string{"DT_API_TOKEN=t"}, said: "DT_TENANT is not set beside DT_API_TOKEN"},
		{name: "tenant alone", env: []string{"DT_TENANT=a1"}, said: "DT_TENANT is set alone: set DT_TENANTTOKEN and DT_CONNECTION_POINT beside it, or DT_API_TOKEN"},
		{name: "empty values", env: []string{"DT_TENANT=", "DT_TENANTTOKEN= ", "DT_API_TOKEN="}, said: "no communication details"},
		{name: "half of the agent variables", env: []string{"DT_TENANT=a1", "DT_TENANTTOKEN=x"}, said: "DT_CONNECTION_POINT is not set beside the other agent variables"},
		{name: "half of the agent variables, all of the api's", env: []string{"DT_TENANT=a1", "DT_TENANTTOKEN=x", "DT_API_TOKEN=t"}, want: apiOf("https://a1.live.dynatrace.com/api", "a1", "t")},
		{name: "wrong url", env: []string{"DT_API_URL=http://public.invalid", "DT_TENANT=a1", "DT_API_TOKEN=t"}, said: "the API variables: DT_API_URL is plain http"},

		{name: "vcap", env: []string{"VCAP_SERVICES=" + vcap}, want: apiOf("https://vcap.invalid/api", "vcap1", "vcaptoken")},
		{name: "vcap file first", env: []string{"VCAP_SERVICES_FILE_PATH=/vcap.json", "VCAP_SERVICES={}"}, want: apiOf("https://vcap.invalid/api", "vcap1", "vcaptoken")},
		{name: "vcap file missing", env: []string{"VCAP_SERVICES_FILE_PATH=/none"}, said: "reading the file of VCAP_SERVICES_FILE_PATH: file does not exist"},
		{name: "vcap file bad", env: []string{"VCAP_SERVICES_FILE_PATH=/bad.json"}, said: "VCAP_SERVICES_FILE_PATH: no JSON of the form that Cloud Foundry writes"},
		{name: "vcap file huge", env: []string{"VCAP_SERVICES_FILE_PATH=/huge.json"}, said: "larger than 1048576 bytes"},
		{name: "vcap of an odd form", env: []string{`VCAP_SERVICES=[1]`}, said: "VCAP_SERVICES: no JSON of the form"},
		{name: "vcap, bom and crlf", env: []string{"VCAP_SERVICES=\ufeff\r\n" + vcap + "\r\n"}, want: apiOf("https://vcap.invalid/api", "vcap1", "vcaptoken")},
		{name: "vcap of others only", env: []string{`VCAP_SERVICES={"x":[{"name":"db","credentials":{"apitoken":"a","environmentid":"b"}}],"y":7,"z":[null,{"name":5}]}`}, said: "no communication details"},
		{name: "vcap incomplete", env: []string{`VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"a"}}]}`}, said: `VCAP_SERVICES, service "dynatrace": apitoken missing`},
		{name: "vcap with numbers", env: []string{`VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"a","apitoken":5}}]}`}, said: "apitoken missing, apitoken is not a string, so it is ignored"},
		{name: "vcap without credentials", env: []string{`VCAP_SERVICES={"x":[{"name":"dynatrace"}]}`}, said: "environmentid and apitoken missing"},
		{name: "vcap, a second one that is incomplete", env: []string{`VCAP_SERVICES={"x":[{"name":"dynatrace-a","credentials":{}}],"y":[{"name":"dynatrace-b","credentials":{"environmentid":"b1","apitoken":"t"}}]}`}, want: apiOf("https://b1.live.dynatrace.com/api", "b1", "t")},
		{name: "vcap, two", env: []string{`VCAP_SERVICES={"x":[{"name":"dynatrace-b","credentials":{"environmentid":"b","apitoken":"t"}},{"name":"dynatrace-a","credentials":{"environmentid":"b","apitoken":"t"}}]}`, "SERVICE_BINDING_ROOT=/bindings"}, said: `VCAP_SERVICES has several services with Dynatrace credentials, bind one: "dynatrace-b", "dynatrace-a"`},
		{name: "vcap, keys of a build", env: []string{`VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"b1","apitoken":"t","customoneagenturl":"u","addtechnologies":"go","enablefips":"true","skiperrors":true}}]}`}, want: apiOf("https://b1.live.dynatrace.com/api", "b1", "t"), said: "customoneagenturl is ignored"},

		{name: "binding", env: []string{"SERVICE_BINDING_ROOT=/bindings"}, want: apiOf("https://bind.invalid/api", "bind1", "bindtoken")},
		{name: "two bindings", env: []string{"SERVICE_BINDING_ROOT=/two"}, said: `SERVICE_BINDING_ROOT has several bindings with Dynatrace credentials, bind one: "a", "b"`},
		{name: "half a binding", env: []string{"SERVICE_BINDING_ROOT=/half"}, said: `SERVICE_BINDING_ROOT, binding "dt": api-token missing`},
		{name: "no bindings", env: []string{"SERVICE_BINDING_ROOT=/none"}, said: "reading SERVICE_BINDING_ROOT: file does not exist"},

		{name: "vcap before binding", env: []string{"VCAP_SERVICES=" + vcap, "SERVICE_BINDING_ROOT=/bindings"}, want: apiOf("https://vcap.invalid/api", "vcap1", "vcaptoken"), said: `VCAP_SERVICES (service "my-Dynatrace-service") and SERVICE_BINDING_ROOT (binding "dt") name different environments: the first is used`},
		{name: "api before vcap", env: []string{"DT_API_TOKEN=t", "DT_TENANT=a1", "VCAP_SERVICES=" + vcap}, want: apiOf("https://a1.live.dynatrace.com/api", "a1", "t"), said: "the API variables and VCAP_SERVICES"},
		{name: "the same environment twice", env: []string{"DT_API_TOKEN=t", "DT_TENANT=VCAP1", "VCAP_SERVICES=" + vcap}, want: apiOf("https://vcap1.live.dynatrace.com/api", "VCAP1", "t"), said: `the API variables and VCAP_SERVICES (service "my-Dynatrace-service") name different API URLs and API tokens: the first is used`},
		{name: "another token", env: []string{"DT_API_TOKEN=t", "DT_API_URL=https://vcap.invalid/api", "DT_TENANT=VCAP1", "VCAP_SERVICES=" + vcap}, want: apiOf("https://vcap.invalid/api", "VCAP1", "t"), said: "name different API tokens: the first is used\n"},
		{name: "another url", env: []string{"DT_API_TOKEN=vcaptoken", "DT_TENANT=vcap1", "VCAP_SERVICES=" + vcap}, want: apiOf("https://vcap1.live.dynatrace.com/api", "vcap1", "vcaptoken"), said: "name different API URLs: the first is used\n"},
		{name: "all the same", env: []string{"DT_API_TOKEN=vcaptoken", "DT_API_URL=https://vcap.invalid/api", "DT_TENANT=vcap1", "VCAP_SERVICES=" + vcap}, want: apiOf("https://vcap.invalid/api", "vcap1", "vcaptoken")},
		{name: "broken vcap, good binding", env: []string{"VCAP_SERVICES={", "SERVICE_BINDING_ROOT=/bindings"}, want: apiOf("https://bind.invalid/api", "bind1", "bindtoken")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).set(tc.env...)
			for name, content := range files {
				f.files.put(name, 0o644, content)
			}
			p := f.make(t)
			if tc.said == "" {
				require.Empty(t, said(p))
			} else {
				require.Contains(t, said(p), tc.said)
			}
			if tc.want == (deploy.RawCredentials{}) {
				require.Empty(t, f.cluster.requests)
				require.False(t, p.Monitored)
				require.Equal(t, 1, strings.Count(said(p), "\n"), "one line says why")
				return
			}
			require.Len(t, f.cluster.requests, 1)
			require.Equal(t, tc.want, rawOf(f.cluster.requests[0].Credentials))
			for _, e := range tc.env {
				if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "VCAP") || strings.HasSuffix(name, "_FILE") {
					require.Contains(t, p.Env, e, "it reaches the app byte for byte")
				}
			}
		})
	}
}

func TestAgentVariablesWin(t *testing.T) {
	t.Parallel()
	f := newFixture(t).agentVariables().set("DT_API_TOKEN=t", `VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"other","apitoken":"t"}}]}`)
	p := f.make(t)
	require.True(t, p.Monitored)
	require.Empty(t, f.cluster.requests)
	require.Equal(t, "dt-start: the agent variables and VCAP_SERVICES (service \"dynatrace\") name different environments: the first is used\n", said(p))
}

func TestCloudFoundryDetails(t *testing.T) {
	t.Parallel()
	service := func(extra string) string {
		return `VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"b1","apitoken":"t"` + extra + `}}]}`
	}
	t.Run("process naming", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t).set(service(""), `VCAP_APPLICATION={"application_name":"shop","instance_index":3}`)
		env := newEnviron(f.make(t).Env)
		require.Equal(t, "shop", env.get("DT_APPLICATIONID"))
		require.Equal(t, "shop_3", env.get("DT_HOST_ID"))
		env = newEnviron(f.set("CF_INSTANCE_INDEX=4", "DT_APPLICATIONID=mine").make(t).Env)
		require.Equal(t, "mine", env.get("DT_APPLICATIONID"))
		require.Equal(t, "shop_4", env.get("DT_HOST_ID"))
	})
	t.Run("network zone", func(t *testing.T) {
		t.Parallel()
		f := newFixture(t).set(service(`,"networkzone":"zone"`))
		p := f.make(t)
		require.Equal(t, "zone", f.cluster.requests[0].NetworkZone)
		require.Contains(t, p.Env, "DT_NETWORK_ZONE=zone")
		f.set("DT_NETWORK_ZONE=mine").make(t)
		require.Equal(t, "mine", f.cluster.requests[1].NetworkZone)
	})
	t.Run("skiperrors", func(t *testing.T) {
		t.Parallel()
		for _, tc := range []struct {
			extra string
			env   []string
			exit  int
		}{
			{"", nil, 0},
			{`,"skiperrors":"true"`, nil, 0},
			{`,"skiperrors":"false"`, nil, 78},
			{`,"skiperrors":false`, nil, 0},
			{`,"skiperrors":"false"`, []string{"DT_START_ON_ERROR=skip"}, 0},
			{`,"skiperrors":"true"`, []string{"DT_START_ON_ERROR=fail"}, 78},
		} {
			f := newFixture(t).set(service(tc.extra)).set(tc.env...)
			f.cluster.err = errNoSource
			require.Equal(t, tc.exit, f.make(t).Exit, "%s %v", tc.extra, tc.env)
		}
	})
}

// TestPolicyOfAServiceCountsForTheImage, too, and nobody is asked for that.
func TestPolicyOfAServiceCountsForTheImage(t *testing.T) {
	t.Parallel()
	const vcap = `VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"b1","apitoken":"t","skiperrors":"false"}}]}`
	for name, change := range map[string]func(*fixture){
		"no settings":  func(f *fixture) { delete(f.files.MapFS, agent.SettingsPath[1:]) },
		"no agent":     func(f *fixture) { delete(f.files.MapFS, library[1:]) },
		"another libc": func(f *fixture) { f.args = []string{"musl"} },
		"run-time, no libc": func(f *fixture) {
			f.args = []string{"static"}
			delete(f.files.MapFS, glibcLoader[1:])
			f.files.put(agent.SettingsPath, 0o644, `{"mode":"runtime","arch":"x86"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).set(vcap)
			change(f)
			p := f.make(t)
			require.Equal(t, exitConfig, p.Exit, said(p))
			require.Empty(t, f.cluster.requests)
			require.Zero(t, f.set("DT_START_ON_ERROR=skip").make(t).Exit)
		})
	}
}

// TestSecretsAreNeverSaid goes through all that is said about sources.
func TestSecretsAreNeverSaid(t *testing.T) {
	t.Parallel()
	secret := rand.Text()
	quoted, err := json.Marshal(secret)
	require.NoError(t, err)
	for _, env := range [][]string{
		{"DT_API_TOKEN=" + secret},
		{"DT_API_TOKEN=" + secret + " " + secret, "DT_TENANT=a1"},
		{"DT_API_TOKEN=t", "DT_TENANT=" + secret + "/"},
		{"DT_API_TOKEN=t", "DT_TENANT=a1", "DT_API_URL=https://u:" + secret + "@h.invalid"},
		{"DT_API_TOKEN=t", "DT_TENANT=a1", "DT_API_URL=" + secret},
		{"DT_API_TOKEN=t", "DT_TENANT=a1", "DT_CA_CERT=" + secret},
		{"DT_TENANTTOKEN=" + secret},
		{"VCAP_SERVICES=" + secret},
		{`DT_TENANTTOKEN="` + secret + `"`, "DT_TENANT=a1", "DT_CONNECTION_POINT=https://a.invalid"},
		{"DT_API_TOKEN=DT_API_TOKEN=" + secret, "DT_TENANT=a1"},
		{`VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"tenant":"a1","tenanttoken":"'` + secret + `'","apitoken":"t"}}]}`},
		{`VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"apitoken":` + string(quoted) + `}}]}`},
		{`VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"a","apitoken":{"a":` + string(quoted) + `}}}]}`},
		{`VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":` + string(quoted) + `}]}`},
		{"DT_START_ON_ERROR=" + secret, "DT_START_TIMEOUT=" + secret, "DT_START_LOG=" + secret, "DT_START_FORCE=" + secret, "DT_START_KEEP_TOKEN=" + secret},
	} {
		for _, log := range []string{"debug", "json"} {
			f := newFixture(t).set(slices.Concat(env, []string{"DT_START_LOG=" + log})...)
			f.cluster.err = errNoSource
			p := f.make(t)
			require.NotEmpty(t, said(p))
			require.NotContains(t, said(p), secret)
		}
	}
}

func FuzzServices(f *testing.F) {
	f.Add([]byte(`{"user-provided":[{"name":"dynatrace","credentials":{"environmentid":"a","apitoken":"b","skiperrors":"true"}}]}`))
	f.Add([]byte(`{"x":[{"name":"dynatrace","credentials":{"environmentid":1,"customoneagenturl":null}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := parseServices(b)
		if err != nil {
			require.ErrorIs(t, err, errServices)
			return
		}
		for _, s := range list {
			if s.usable("VCAP_SERVICES") == nil {
				require.NotEmpty(t, s.values[keyAPIToken]+s.values[keyTenantToken])
				require.NotEmpty(t, s.source("VCAP_SERVICES").tenant())
			}
		}
	})
}
