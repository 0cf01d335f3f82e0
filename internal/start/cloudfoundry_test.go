package start

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

func services(list string) string { return "VCAP_SERVICES={" + list + "}" }

// TestCloudFoundry_Found: a service is ours by any of its names.
func TestCloudFoundry_Found(t *testing.T) {
	t.Parallel()
	const credentials = `"credentials":{"environmentid":"a1","apitoken":"t"}`
	for name, list := range map[string]string{
		"label":         `"Dynatrace-SaaS":[{"name":"x",` + credentials + `}]`,
		"its own label": `"x":[{"name":"x","label":"dynatrace",` + credentials + `}]`,
		"name":          `"x":[{"name":"my-DYNATRACE",` + credentials + `}]`,
		"instance name": `"x":[{"name":"binding","instance_name":"dynatrace",` + credentials + `}]`,
		"binding name":  `"x":[{"binding_name":"dynatrace",` + credentials + `}]`,
		"tag":           `"x":[{"name":"x","tags":["apm","dynatrace"],` + credentials + `}]`,
		"old name":      `"ruxit":[{"name":"x",` + credentials + `}]`,
		"odd fields":    `"x":[{"name":"dynatrace","label":5,"tags":{"a":1},` + credentials + `}]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).set(services(list))
			require.Empty(t, said(f.make(t)))
			require.Equal(t, deploy.RawCredentials{URL: "https://a1.live.dynatrace.com/api", Tenant: "a1", Token: "t"}, rawOf(f.cluster.requests[0].Credentials))
		})
	}
	f := newFixture(t).set(services(`"x":[{"name":"x","label":"y","tags":["z"],` + credentials + `}]`))
	require.Contains(t, said(f.make(t)), "no communication details")
	two := `"dynatrace":[{"name":"a",` + credentials + `}],"x":[{"name":"b","tags":["ruxit"],` + credentials + `}]`
	require.Contains(t, said(newFixture(t).set(services(two)).make(t)), `has several services with Dynatrace credentials, bind one: "a", "b"`)
}

// TestCloudFoundry_Keys has the spellings of brokers.
func TestCloudFoundry_Keys(t *testing.T) {
	t.Parallel()
	for credentials, want := range map[string]deploy.RawCredentials{
		`"environmentId":"a1","apiToken":"t","apiUrl":"https://b.invalid/api"`:                            {URL: "https://b.invalid/api", Tenant: "a1", Token: "t"},
		`"environment-id":"a1","api-token":"t","api-url":"https://b.invalid/api"`:                         {URL: "https://b.invalid/api", Tenant: "a1", Token: "t"},
		`"ENVIRONMENT_ID":"a1","API_TOKEN":"t"`:                                                           {URL: "https://a1.live.dynatrace.com/api", Tenant: "a1", Token: "t"},
		`"tenant":"a1","apitoken":"t"`:                                                                    {URL: "https://a1.live.dynatrace.com/api", Tenant: "a1", Token: "t"},
		`"tenant":"a1","apitoken":"t","server":"https://c.invalid/communication"`:                         {URL: "https://c.invalid/e/a1/api", Tenant: "a1", Token: "t"},
		`"tenant":"a1","apitoken":"t","tenanttoken":"old","server":"https://c.invalid;https://d.invalid"`: {URL: "https://a1.live.dynatrace.com/api", Tenant: "a1", Token: "t"},
		`"apiurl":"https://b.invalid/e/a1/api","apitoken":"t"`:                                            {URL: "https://b.invalid/e/a1/api", Tenant: "a1", Token: "t"},
	} {
		f := newFixture(t).set(services(`"x":[{"name":"dynatrace","credentials":{` + credentials + `}}]`))
		require.Empty(t, said(f.make(t)), credentials)
		require.Equal(t, want, rawOf(f.cluster.requests[0].Credentials), credentials)
	}
}

// TestCloudFoundry_TenantToken: with a tenant token the details are complete, and
// nobody is asked.
func TestCloudFoundry_TenantToken(t *testing.T) {
	t.Parallel()
	for credentials, server := range map[string]string{
		`"tenant":"a1","tenanttoken":"tt","server":"https://c.invalid:9999/communication"`:           "https://c.invalid:9999/communication",
		`"environmentid":"a1","tenantToken":"tt","server":"https://c.invalid;https://d.invalid"`:     "https://c.invalid;https://d.invalid",
		`"tenant":"a1","tenanttoken":"tt","server":"{*https://c.invalid}{https://d.invalid}"`:        "{*https://c.invalid}{https://d.invalid}",
		`"tenant":"a1","tenanttoken":"tt","server":["https://c.invalid","https://d.invalid"]`:        "https://c.invalid;https://d.invalid",
		`"tenant":"a1","tenanttoken":"tt","endpoint":"https://c.invalid"`:                            "https://c.invalid",
		`"tenant":"A1","tenanttoken":"tt"`:                                                           "https://a1.live.dynatrace.com/communication",
		`"tenant":"a1","tenanttoken":"tt","server":"https://c.invalid","networkzone":"z","apiurl":5`: "https://c.invalid",
	} {
		f := newFixture(t).set(services(`"x":[{"name":"dynatrace","credentials":{`+credentials+`}}]`), "DT_TENANT=")
		p := f.make(t)
		env := newEnviron(p.Env)
		require.True(t, p.Monitored, said(p))
		require.Equal(t, "a1", strings.ToLower(env.get("DT_TENANT")))
		require.Equal(t, "tt", env.get("DT_TENANTTOKEN"))
		require.Equal(t, server, env.get("DT_CONNECTION_POINT"), credentials)
		require.Empty(t, f.cluster.requests)
		if strings.Contains(credentials, "networkzone") {
			require.Equal(t, "z", env.get("DT_NETWORK_ZONE"))
		}
	}
	// It has nothing to download an agent with.
	f := newRuntimeFixture(t, "")
	f.agentVariables().set(services(`"x":[{"name":"dynatrace","credentials":{"tenant":"abc12345","tenanttoken":"tt"}}]`))
	require.Contains(t, said(f.make(t)), "there is nothing to download it with")
}
