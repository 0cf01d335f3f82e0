package links

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAssignments(t *testing.T) {
	tests := map[string][]Assignment{
		"DT_TENANT=abc12345":                                  {{"DT_TENANT", Link{Tenant, "abc12345"}}},
		`RUN |1 DT_API_TOKEN=x /bin/sh -c ls`:                 {{"DT_API_TOKEN", Link{APIToken, "x"}}},
		`/bin/sh -c #(nop)  ENV DT_TENANTTOKEN="a b" X=1`:     {{"DT_TENANTTOKEN", Link{TenantToken, "a b"}}},
		`export DT_TENANT=${DT_TENANT:-abc}; DT_API_URL='u'`:  {{"DT_TENANT", Link{Tenant, "abc"}}, {"DT_API_URL", Link{APIAddress, "u"}}},
		"DT_CONNECTION_POINT = https://x":                     {{"DT_CONNECTION_POINT", Link{Endpoint, "https://x"}}},
		`sh -c 'DT_TENANT=abc exec x'`:                        {{"DT_TENANT", Link{Tenant, "abc"}}},
		`sh -c 'DT_TENANT=abc'`:                               {{"DT_TENANT", Link{Tenant, "abc"}}},
		`: "${DT_TENANT:=abc}" "${DT_TENANTTOKEN:=}"`:         {{"DT_TENANT", Link{Tenant, "abc"}}},
		`DT_TENANT=${A:-${B:-"abc d"}} DT_TENANT=abc`:         {{"DT_TENANT", Link{Tenant, "abc d"}}, {"DT_TENANT", Link{Tenant, "abc"}}},
		"DT_CONNECTION_POINT={*https://a;https://b}":          {{"DT_CONNECTION_POINT", Link{Endpoint, "https://a"}}},
		`DT_CONNECTION_POINT="{*https://a;https://b}"`:        {{"DT_CONNECTION_POINT", Link{Endpoint, "https://a"}}, {"DT_CONNECTION_POINT", Link{Endpoint, "https://b"}}},
		"DT_TENANT=${DT_TENANT:-{$tenant}}":                   nil,
		"DT_TENANT={{tenant}} DT_API_TOKEN=${X:?no token}":    nil,
		`ENV DT_TENANT=\nRUN x`:                               nil,
		"if [ ${DT_TENANT:-} ]; then x=${DT_TENANT-none}; fi": nil,
		"ARG DT_API_TOKEN":                                    nil,
		"DT_TENANT=":                                          nil,
		"DT_TENANT= PATH=/bin":                                nil,
		`DT_TENANT="$TENANT" DT_API_TOKEN=$(cat /run/x)`:      nil,
		"DT_TENANT=${TENANT} DT_API_TOKEN=`cat x`":            nil,
		"DT_TENANT=${TENANT:-} DT_API_TOKEN=<your token>":     nil,
		"MY_DT_TENANT=abc":                                    nil,
		"DT_TENANTS=abc":                                      nil,
		"DT_API_TOKEN=*****":                                  nil,
	}
	for text, want := range tests {
		require.Equal(t, want, Assignments(text), "%s", text)
	}
}

// TestAssignments_EndWithAHostileText: an image's config may have megabytes of
// assignments without a separator.
func TestAssignments_EndWithAHostileText(t *testing.T) {
	t.Parallel()
	size := 2 << 20
	if testing.Short() {
		size = 64 << 10
	}
	for _, one := range []string{",DT_TENANT=", " DT_TENANT=$(", " DT_TENANT=\"a`"} {
		found := Assignments(strings.Repeat(one, size/len(one)))
		told := 0
		for _, a := range found {
			told += len(a.Value)
		}
		require.Less(t, told, 64<<10, one)
	}
	long := strings.Repeat("https://a.example.com/communication;", 1000)
	found := Assignments(`DT_CONNECTION_POINT="` + long + `"`)
	require.Equal(t, []Assignment{{"DT_CONNECTION_POINT", Link{Endpoint, "https://a.example.com/communication"}}}, found[:1])
}

func TestMatch(t *testing.T) {
	for name, want := range map[string]bool{
		"opt/dynatrace/oneagent/dynatrace-env.sh":                 true,
		"profile.d/dynatrace-env.sh":                              true,
		"etc/ruxitagent.conf":                                     true,
		"home/x/dynatrace/oneagent/agent/conf/standalone.conf":    true,
		"etc/standalone.conf":                                     false,
		"etc/container.conf":                                      false,
		"opt/dynatrace/oneagent/agent/config/container.conf":      true,
		"opt/dynatrace/oneagent/agent/conf/ruxitagentproc.conf.x": false,
	} {
		_, ok := Match(name)
		require.Equal(t, want, ok, "%s", name)
	}
}

func TestIsLeftover(t *testing.T) {
	for name, want := range map[string]bool{
		"opt/dynatrace/oneagent/log/java/x.log":                true,
		"dynatrace/oneagent/log/x":                             true,
		"opt/dynatrace/oneagent/agent/config/declarative.cbor": true,
		"opt/dynatrace/oneagent/agent/conf/x":                  false,
		"opt/dynatrace/oneagent/logs":                          false,
		"opt/other/log/x":                                      false,
		"dynatrace/oneagent/x/dynatrace/oneagent/log/x":        true,
	} {
		require.Equal(t, want, IsLeftover(name), "%s", name)
	}
}
