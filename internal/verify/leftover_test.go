package verify_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

// kindsOf returns the kinds of leaks in a file of an image.
func kindsOf(t *testing.T, name, content string) []string {
	t.Helper()
	var out []string
	for _, l := range audit(t, leaky.New("x", nil, []leaky.File{{Name: name, Content: content}}), verify.Options{}).Leaks {
		require.Equal(t, name, l.Path)
		out = append(out, l.Kind)
	}
	return out
}

// TestAudit_FindsWhatARunLeft, in the agent's directory and outside.
func TestAudit_FindsWhatARunLeft(t *testing.T) {
	t.Parallel()
	const run = "what a run of an agent left"
	for name, want := range map[string][]string{
		"tmp/ruxit/0x1/state":                                       {run},
		"opt/dynatrace/oneagent/agent/conf/declarative.cbor":        {run},
		"opt/dynatrace/oneagent/agent/config/declarative.cbor":      {run},
		"opt/dynatrace/oneagent/log/nodejs/x.log":                   {run},
		"opt/dynatrace/oneagent/datastorage/x":                      {run},
		"var/lib/dynatrace/oneagent/agent/config/agent.state":       {run},
		"var/lib/dynatrace/oneagent/agent/customkeys/custom.pem":    {"environment's settings"},
		"opt/dynatrace/oneagent/agent/customkeys/custom-proxy.pem":  {"environment's settings"},
		"opt/dynatrace/oneagent/agent/customkeys/curl_options.conf": {"environment's settings"},
		"opt/dynatrace/oneagent/log/ignore_me.txt":                  nil,
		"opt/dynatrace/oneagent/datastorage/ignore_me.txt":          nil,
		"var/lib/dynatrace/enrichment/dt_metadata.properties":       nil,
		"app/tmp/state": nil,
	} {
		require.Equal(t, want, kindsOf(t, name, "x"), name)
	}
	for _, name := range []string{"container.conf", "ruxitagentproc.conf"} {
		require.Equal(t, []string{"environment id", run}, kindsOf(t, "var/lib/dynatrace/oneagent/agent/config/"+name, "[host]\ntenant abc12345\n"))
	}
}

// TestAudit_ReadsTheRealFormOfTheEnvironmentScript.
func TestAudit_ReadsTheRealFormOfTheEnvironmentScript(t *testing.T) {
	t.Parallel()
	const name = "opt/dynatrace/oneagent/dynatrace-env.sh"
	script := func(tenant, token, endpoints string) string {
		return "DT_TENANT=${DT_TENANT:-" + tenant + "}\nexport DT_TENANT\nDT_TENANTTOKEN=${DT_TENANTTOKEN:-" + token +
			"}\nexport DT_TENANTTOKEN\nDT_CONNECTION_POINT=${DT_CONNECTION_POINT:-" + endpoints + "}\nexport DT_CONNECTION_POINT\n"
	}
	require.Empty(t, kindsOf(t, name, script("{$tenant}", "{$token}", "{$endpoints}")), "the template")
	require.Empty(t, kindsOf(t, name, script("", "", "")))
	require.Equal(t, []string{"environment id", "tenant token", "communication endpoint"},
		kindsOf(t, name, script("abc12345", rand.Text(), "{*https://a.invalid;https://b.invalid}{https://c.invalid}")))
	require.Equal(t, []string{"communication endpoint"}, kindsOf(t, name, script("", "", "{*https://a.invalid}")))
}

// TestAudit_KnowsAnAgentByItsPlatforms: the manifest of a real agent may have no
// version, and its library tells no flavor.
func TestAudit_KnowsAnAgentByItsPlatforms(t *testing.T) {
	t.Parallel()
	const dir = "opt/dynatrace/oneagent/"
	for want, platforms := range map[string][]string{
		"":            {"any"},
		"default":     {"linux-x86-64", "linux-x86-32"},
		"musl":        {"linux-musl-x86-64"},
		"multidistro": {"linux-musl-x86-64", "linux-x86-64"},
	} {
		files := []leaky.File{
			{Name: dir + "agent/installer.version", Content: leaky.Version},
			{Name: dir + "manifest.json", Content: `{"technologies":{"nodejs":{}}}`},
			{Name: dir + "agent/lib64/liboneagentproc.so", Content: "\x7fELF" + strings.Repeat("\x00", 100)},
		}
		for _, p := range platforms {
			files = append(files, leaky.File{Name: dir + "agent/bin/" + leaky.Version + "/" + p + "/x.node", Content: "x"})
		}
		p := audit(t, leaky.New("x", nil, files), verify.Options{}).Platforms[0]
		require.Equal(t, leaky.Version, p.Version)
		require.Equal(t, []string{"nodejs"}, p.Technologies)
		require.Equal(t, want, p.Flavor)
	}
}
