package links

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSplit_ReadsTheRealForms of dynatrace-env.sh and of the configuration, with
// values and without.
func TestSplit_ReadsTheRealForms(t *testing.T) {
	t.Parallel()
	const group = "{*https://a:9999/communication;https://b/communication}{https://c/communication}"
	endpoints := []Link{{Endpoint, "https://a:9999/communication"}, {Endpoint, "https://b/communication"}, {Endpoint, "https://c/communication"}}
	for name, tt := range map[string]struct {
		text  string
		shell bool
		links []Link
	}{
		"template":               {"DT_TENANT=${DT_TENANT:-{$tenant}}\nexport DT_TENANT\nDT_CONNECTION_POINT=${DT_CONNECTION_POINT:-{$endpoints}}\n", true, nil},
		"filled in":              {"DT_TENANT=${DT_TENANT:-abc12345}\nexport DT_TENANT\n", true, []Link{{Tenant, "abc12345"}}},
		"a group":                {"DT_CONNECTION_POINT=${DT_CONNECTION_POINT:-" + group + "}\n", true, endpoints},
		"a group in quotes":      {"DT_CONNECTION_POINT=\"${DT_CONNECTION_POINT:-" + group + "}\"\n", true, endpoints},
		"a group alone":          {"export DT_CONNECTION_POINT='" + group + "'\n", true, endpoints},
		"quotes in a default":    {`DT_TENANT=${DT_TENANT:-"abc 'x"}` + "\n", true, []Link{{Tenant, "abc 'x"}}},
		"a default in quotes":    {`DT_TENANT="${DT_TENANT:-it's}"` + "\n", true, []Link{{Tenant, "it's"}}},
		"over lines":             {"DT_CONNECTION_POINT=${DT_CONNECTION_POINT:-https://a;\nhttps://b}\necho\n", true, []Link{{Endpoint, "https://a"}, {Endpoint, "https://b"}}},
		"nested":                 {"DT_TENANT=${A:-${B-${C:=abc}}}\n", true, []Link{{Tenant, "abc"}}},
		"an alternative":         {"DT_TENANT=${A:+abc}${B+d}\n", true, []Link{{Tenant, "abcd"}}},
		"escapes":                {`DT_TENANT=a\ b"\$c\d"` + "\n", true, []Link{{Tenant, `a b$c\d`}}},
		"a reference":            {"DT_TENANT=$A\nDT_TENANTTOKEN=${B}\nDT_PROXY=$(cat /x; (y))\nDT_TENANT=`cat x`\nDT_TENANT=${A:?abc}${A#abc}\n", true, nil},
		"one endpoint is known":  {"DT_CONNECTION_POINT=\"$A;https://b\"\n", true, []Link{{Endpoint, "https://b"}}},
		"by a command":           {"readonly DT_TENANT=abc\ndeclare -x -r DT_TENANTTOKEN=d\n", true, []Link{{Tenant, "abc"}, {TenantToken, "d"}}},
		"set where it is not":    {": \"${DT_TENANT:=abc}\" ${DT_TENANTTOKEN=d}\n", true, []Link{{Tenant, "abc"}, {TenantToken, "d"}}},
		"lines":                  {"serverAddress " + group + "\ntenant abc12345\n", false, append(endpoints[:3:3], Link{Tenant, "abc12345"})},
		"lines of a template":    {"serverAddress {$endpoints}\ntenant {$tenant}\ntenantToken {$token}\n", false, nil},
		"lines with a reference": {"server $x\nserver {$x;https://b}\n", false, []Link{{Endpoint, "https://b"}}},
		"a value in braces":      {"tenant {abc}\n", false, []Link{{Tenant, "abc"}}},
		"lines of variables":     {"DT_TENANT=${DT_TENANT:-abc}\nDT_CONNECTION_POINT=\"${X:-" + group + "}\"\n", false, append([]Link{{Tenant, "abc"}}, endpoints...)},
	} {
		file := File{Keys: both(confKeys, envKeys), Shell: tt.shell}
		clean, found := file.Split([]byte(tt.text))
		require.Equal(t, tt.links, found, name)
		for _, word := range []string{"abc", "https", "tenant", "TENANT="} {
			require.NotContains(t, string(clean), word, name)
		}
	}
}

// TestSplit_ReportsWhatItCannotRemove: a search must know the values that stay in
// a script.
func TestSplit_ReportsWhatItCannotRemove(t *testing.T) {
	t.Parallel()
	file := File{Keys: envKeys, Shell: true}
	for _, statement := range []string{
		`[ -n "$DT_TENANT" ] || DT_TENANT=abc12345`,
		`test -z "$DT_TENANT" && export DT_TENANT=abc12345`,
		`if [ -z "$DT_TENANT" ]; then DT_TENANT=abc12345; fi`,
		`{ DT_TENANT=abc12345; export DT_TENANT; }`,
		`A=1 DT_TENANT=abc12345`,
		`export A=1 DT_TENANT='abc12345' # DT_TENANT=other`,
		`eval DT_TENANT=abc12345`,
		// What is removed must not have what ends something else, or another's input.
		`DT_TENANT=abc12345; fi`,
		`export DT_TENANT=abc12345; }`,
		`DT_TENANT=abc12345)`,
		`DT_TENANT=abc12345; f() {`,
		`DT_TENANT=abc12345; if true; then`,
		`DT_TENANT=abc12345 cat <<A`,
	} {
		clean, found := file.Split([]byte(statement + "\n"))
		require.Equal(t, statement+"\n", string(clean))
		require.Equal(t, []Link{{Tenant, "abc12345"}}, found, statement)
	}
	for _, statement := range []string{"# DT_TENANT=an id", "echo DT_TENANT=$DT_TENANT", "[ $A ] || DT_TENANT=<id>", "test DT_TENANT"} {
		clean, found := file.Split([]byte(statement + "\n"))
		require.Equal(t, statement+"\n", string(clean))
		require.Empty(t, found, statement)
	}
	clean, found := file.Split([]byte("DT_TENANT+=abc12345\n"))
	require.Equal(t, nothing, string(clean))
	require.Equal(t, []Link{{Tenant, "abc12345"}}, found)
}

// TestValues_OfWhatOnlyAShellKnows are none: no file holds the word, and parts of
// it are in any.
func TestValues_OfWhatOnlyAShellKnows(t *testing.T) {
	t.Parallel()
	_, found := File{Keys: envKeys, Shell: true}.Split([]byte("DT_CONNECTION_POINT=https://$HOST/communication\n"))
	require.Len(t, found, 1)
	require.Empty(t, found[0].Values())
}

func TestSplitManifest_ReadsGroups(t *testing.T) {
	t.Parallel()
	_, found, err := SplitManifest([]byte(`{"tenantUUID":"{$tenant}","communicationEndpoints":["https://a",{"url":"https://b"}],
		"formattedCommunicationEndpoints":"{*https://a;https://c}{https://d}","tenantToken":1}`))
	require.NoError(t, err)
	require.Equal(t, []Link{
		{Endpoint, "https://a"}, {Endpoint, "https://b"}, {Endpoint, "https://a"}, {Endpoint, "https://c"}, {Endpoint, "https://d"},
	}, found)
}

// TestGiven reads values of variables, such as labels and environments have.
func TestGiven(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][]Link{
		"abc":                    {{Tenant, "abc"}},
		" 'abc' ":                {{Tenant, "abc"}},
		"${DT_TENANT:-abc}":      {{Tenant, "abc"}},
		"${A:-${B:-abc}}":        {{Tenant, "abc"}},
		"{abc}":                  {{Tenant, "abc"}},
		"abc$x":                  {{Tenant, "abc" + unknown}},
		"":                       nil,
		"$DT_TENANT":             nil,
		"${DT_TENANT:-}":         nil,
		"{$tenant}":              nil,
		"{{ .Values.tenant }}":   nil,
		"<your environment's id": nil,
		"%s":                     nil,
		"*****":                  nil,
		"...":                    nil,
	} {
		require.Equal(t, want, Given(Tenant, value), value)
	}
	require.Equal(t, []Link{{Endpoint, "https://a"}, {Endpoint, "https://b"}}, Given(Endpoint, "{*https://a}{https://b}"))
	require.Empty(t, Given(Endpoint, "{$endpoints}"))
}

// TestStatements_EndWithAHostileScript: each opener is looked for to the end of
// the script a few times, and no more.
func TestStatements_EndWithAHostileScript(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"\"${\n", "`\n\\`", "$(\n", "'\n\"$((", strings.Repeat("${A:-", 100) + "\n", "\"\n\\\""} {
		script := strings.Repeat(line, MaxFile/len(line)) + "\nDT_TENANT=abc\n"
		n := 0
		for s := range statements(script) {
			n += len(s)
		}
		require.Equal(t, len(script), n, "%.20q", line)
		File{Keys: envKeys, Shell: true}.Split([]byte(script))
	}
}

// TestAssignments_BoundsWhatItReads: quotes that never end, and more values than
// anybody needs to know of.
func TestAssignments_BoundsWhatItReads(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 3 * maxAssignments {
		fmt.Fprintf(&text, "DT_TENANT=abc%05d\n", i)
	}
	require.Len(t, Assignments(text.String()), maxAssignments)
	for _, a := range Assignments("DT_TENANT=" + strings.Repeat("a", 3*maxAssigned)) {
		require.LessOrEqual(t, len(a.Value), maxAssigned)
	}
}
