package links

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/random"
	"github.com/stretchr/testify/require"
)

// TestSplit_KnowsTheLinesOfEachFile: each kind of link is found in each file in
// which the vendor's installer or operator writes it, and in no other.
func TestSplit_KnowsTheLinesOfEachFile(t *testing.T) {
	t.Parallel()
	lines := []string{"tenant", "tenantToken", "serverAddress", "server", "proxy", "noProxy", "networkZone", "hostGroup"}
	variables := []string{"DT_TENANT", "DT_TENANTTOKEN", "DT_CONNECTION_POINT", "DT_PROXY", "DT_NETWORK_ZONE"}
	kinds := map[string]Kind{
		"tenant": Tenant, "tenantToken": TenantToken, "serverAddress": Endpoint, "server": Endpoint, "proxy": Proxy,
		"noProxy": Setting, "networkZone": Setting, "hostGroup": Setting,
		"DT_TENANT": Tenant, "DT_TENANTTOKEN": TenantToken, "DT_CONNECTION_POINT": Endpoint, "DT_PROXY": Proxy, "DT_NETWORK_ZONE": Setting,
	}
	for path, keys := range map[string][]string{
		"dynatrace-env.sh":               variables,
		"ruxitagent.conf":                slices.Concat(lines, variables),
		"agent/conf/ruxitagentproc.conf": lines,
		"agent/conf/ruxitagent.conf":     lines,
		"agent/conf/standalone.conf":     lines,
		"agent/config/container.conf":    lines,
	} {
		i := slices.IndexFunc(Files, func(f File) bool { return f.Path == path })
		require.GreaterOrEqual(t, i, 0, path)
		f := Files[i]
		for key, kind := range kinds {
			value := random.Lower()
			line := key + "=" + value + "\n"
			clean, found := f.Split([]byte("# first\n" + line + "# last\n"))
			if !slices.Contains(keys, key) {
				require.Empty(t, found, "%s in %s", key, path)
				continue
			}
			require.Equal(t, []Link{{kind, value}}, found, "%s in %s", key, path)
			require.NotContains(t, string(clean), value)
			require.True(t, strings.HasPrefix(string(clean), "# first\n"))
			require.True(t, strings.HasSuffix(string(clean), "# last\n"))
		}
	}
}

// TestMatch_GoesByTheEndOfAPath: an agent may be installed anywhere, and other
// products have files named standalone.conf.
func TestMatch_GoesByTheEndOfAPath(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"agent/conf/standalone.conf":     "agent/conf/standalone.conf",
		"x/agent/conf/standalone.conf":   "agent/conf/standalone.conf",
		"xagent/conf/standalone.conf":    "",
		"standalone.conf":                "",
		"agent/conf/standalone.conf.bak": "",
		"agent/config/container.conf":    "agent/config/container.conf",
		"etc/container.conf":             "",
		"srv/dynatrace-env.sh":           "dynatrace-env.sh",
		"srv/xdynatrace-env.sh":          "",
		"home/ruxitagentproc.conf":       "agent/conf/ruxitagentproc.conf",
		"ruxitagent.conf":                "ruxitagent.conf",
		"agent/conf/ruxitagent.conf":     "ruxitagent.conf",
		"etc/nginx/nginx.conf":           "",
	} {
		f, ok := Match(name)
		require.Equal(t, want != "", ok, name)
		require.Equal(t, want, f.Path, name)
	}
	for name, want := range map[string]bool{"manifest.json": true, "a/manifest.json": true, "a/manifest.json/b": false, "xmanifest.json": false} {
		require.Equal(t, want, IsManifest(name), name)
	}
}

// TestValues_OfEachKind: what is looked for is the value, and the parts of an
// address.
func TestValues_OfEachKind(t *testing.T) {
	t.Parallel()
	word, host, user := random.Text(), random.Lower()+".invalid", random.Text()
	for _, tt := range []struct {
		link Link
		want []string
	}{
		{Link{Tenant, word}, []string{"environment id: " + word}},
		{Link{TenantToken, word}, []string{"tenant token: " + word}},
		{Link{APIToken, word}, []string{"API token: " + word}},
		{Link{Setting, word}, nil},
		{Link{Endpoint, "https://" + host + ":9999/communication"}, []string{
			"communication endpoint: https://" + host + ":9999/communication", "communication endpoint host: " + host + ":9999", "communication endpoint host: " + host,
		}},
		{Link{Proxy, "http://" + user + ":" + word + "@" + host}, []string{
			"proxy: http://" + user + ":" + word + "@" + host, "proxy host: " + host, "proxy password: " + user + ":" + word,
		}},
		{Link{APIAddress, "https://" + host}, []string{"API address: https://" + host, "API address host: " + host}},
	} {
		var got []string
		for _, v := range tt.link.Values() {
			got = append(got, v.Kind+": "+v.Value)
		}
		for _, want := range tt.want {
			require.Contains(t, got, want)
		}
		require.Equal(t, len(tt.want) == 0, len(got) == 0, tt.link.Kind)
	}
}

// TestSplitManifest_KeepsAllElse byte by byte.
func TestSplitManifest_KeepsAllElse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, want string
		links      []Link
	}{
		"nothing": {`{}`, "{\n}\n", nil},
		"others": {
			`{"version" : "1.2", "n": 1.0890, "a":[1, 2],"o":{"tenantToken":"x"}}`,
			"{\n  \"version\": \"1.2\",\n  \"n\": 1.0890,\n  \"a\": [1, 2],\n  \"o\": {\"tenantToken\":\"x\"}\n}\n", nil,
		},
		"first, middle and last": {
			`{"tenantUUID":"a","x":1,"TENANTTOKEN":"b","y":2,"communicationEndpoints":["https://c"]}`,
			"{\n  \"x\": 1,\n  \"y\": 2\n}\n", []Link{{Tenant, "a"}, {TenantToken, "b"}, {Endpoint, "https://c"}},
		},
		"formatted": {`{"formattedCommunicationEndpoints":"{https://a;https://b}"}`, "{\n}\n", []Link{{Endpoint, "https://a"}, {Endpoint, "https://b"}}},
		"in order":  {`{"communicationEndpoints":{"b":"https://2","a":"https://1"}}`, "{\n}\n", []Link{{Endpoint, "https://1"}, {Endpoint, "https://2"}}},
		"no text":   {`{"tenantUUID":null,"tenantToken":[1,true]}`, "{\n}\n", nil},
		"no number": {`{"tenantUUID":[1e999,"a"],"x":1e999}`, "{\n  \"x\": 1e999\n}\n", []Link{{Tenant, "a"}}},
	} {
		got, links, err := SplitManifest([]byte(tt.text))
		require.NoError(t, err, name)
		require.Equal(t, tt.want, string(got), name)
		require.Equal(t, tt.links, links, name)
	}
	for _, text := range []string{"", "[]", `"x"`, "1", "null"} {
		_, _, err := SplitManifest([]byte(text))
		require.ErrorContains(t, err, "manifest.json is not a JSON object", text)
	}
	for _, text := range []string{`{"a"`, `{"a":`, `{"a":}`, `{a:1}`, `{"tenantToken":"x`} {
		_, _, err := SplitManifest([]byte(text))
		require.ErrorContains(t, err, "reading manifest.json", text)
	}
}

// TestAssignments_KnowsEachVariable, also as the only one of a text.
func TestAssignments_KnowsEachVariable(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]Kind{
		"DT_API_TOKEN": APIToken, "DT_PAAS_TOKEN": APIToken, "DT_TENANT": Tenant, "DT_TENANTTOKEN": TenantToken, "DT_API_URL": APIAddress,
		"DT_CONNECTION_POINT": Endpoint, "DT_CONNECTION_AUTH_TOKEN": TenantToken, "DT_CONNECTION_BASE_URL": Endpoint,
	} {
		value := random.Text()
		for _, form := range []string{"%s=%s", "%s = %s", "export %s='%s'", ": ${%s:=%s}", "x\n%s=%s\ny"} {
			text := fmt.Sprintf(form, name, value)
			require.Equal(t, []Assignment{{name, Link{kind, value}}}, Assignments(text), text)
		}
		require.Equal(t, kind, Variables[name])
	}
	for _, name := range []string{"DT_PROXY", "DT_CA_CERT", "DT_NETWORK_ZONE", "DT_X"} {
		require.Empty(t, Assignments(name+"="+random.Text()), "a network's, not an environment's")
	}
	require.Len(t, Variables, 8)
}

// TestAssignments_AreBounded by number and by length.
func TestAssignments_AreBounded(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 150 {
		fmt.Fprintf(&text, "DT_TENANT=%d ", 1000+i)
	}
	all := Assignments(text.String())
	require.Len(t, all, 100)
	require.Equal(t, "1099", all[99].Value)
	require.Len(t, Assignments(strings.Repeat("DT_TENANT=abc ", 50)), 1, "each is told once")
	got := Assignments("DT_TENANT=" + strings.Repeat("a", 600))
	require.Len(t, got, 1)
	require.Len(t, got[0].Value, 512)
}

func TestIsExample(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"": true, "<your token>": true, "%s": true, "*****": true, "...": true, "…": true, ".…": true,
		"abc": false, "a<b": false, ".a": false, "a…": false, "0": false,
	} {
		require.Equal(t, want, Link{Tenant, value}.IsExample(), value)
	}
}

// TestLeftovers_AreAllNamed: what an agent or an environment writes.
func TestLeftovers_AreAllNamed(t *testing.T) {
	t.Parallel()
	run := []string{
		"agent/conf/declarative.cbor", "agent/config/agent.state", "agent/config/container.conf", "agent/config/declarative.cbor",
		"agent/config/ruxitagentproc.conf",
	}
	keys := []string{
		"agent/customkeys/curl_options.conf", "agent/customkeys/custom-proxy.pem", "agent/customkeys/custom.pem", "agent/customkeys/custom_proxy.pem",
	}
	require.ElementsMatch(t, slices.Concat(run, keys), Leftovers)
	for _, name := range run {
		require.True(t, IsRunLeftover("opt/dynatrace/oneagent/"+name), name)
		require.True(t, IsRunLeftover("dynatrace/oneagent/"+name), name)
		require.False(t, IsRunLeftover("opt/xdynatrace/oneagent/"+name), name)
		require.False(t, IsRunLeftover("opt/dynatrace/oneagent/x/"+name), name)
		require.False(t, IsRunLeftover(name), name)
		require.Contains(t, HostLeftovers, "/var/lib/dynatrace/oneagent/"+name)
	}
	for _, name := range keys {
		require.False(t, IsRunLeftover("opt/dynatrace/oneagent/"+name), name)
		require.True(t, IsLeftover("dynatrace/oneagent/"+name), name)
		require.False(t, IsLeftover(name), name)
	}
	require.True(t, IsRunLeftover("a/dynatrace/oneagent/b/dynatrace/oneagent/agent/config/agent.state"), "the last directory counts")
	for _, dir := range []string{"log", "datastorage"} {
		require.Contains(t, HostLeftovers, "/var/lib/dynatrace/oneagent/"+dir)
		require.True(t, IsRunLeftover("var/lib/dynatrace/oneagent/"+dir+"/x"), dir)
	}
	require.False(t, IsLeftover("opt/dynatrace/oneagent/manifest.json"))
	require.False(t, IsRunLeftover("opt/dynatrace/oneagent/lib/ignore_me.txt"))
}
