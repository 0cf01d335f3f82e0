package links

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSplitLines_ReadsEachForm of a line with a key, and takes no other for one.
func TestSplitLines_ReadsEachForm(t *testing.T) {
	t.Parallel()
	file := File{Keys: both(confKeys, envKeys)}
	for line, want := range map[string][]Link{
		"tenant x":                              {{Tenant, "x"}},
		"tenant\tx":                             {{Tenant, "x"}},
		"tenant=x":                              {{Tenant, "x"}},
		"tenant \t=\t x \t":                     {{Tenant, "x"}},
		"tenant x=y":                            {{Tenant, "x=y"}},
		"tenant 'x y'":                          {{Tenant, "x y"}},
		"export tenant x":                       {{Tenant, "x"}},
		"export\tDT_TENANT=x":                   {{Tenant, "x"}},
		" export  \t DT_TENANT=x":               {{Tenant, "x"}},
		"DT_TENANT=${A:-x}":                     {{Tenant, "x"}},
		`DT_TENANT="${A:-x y}"`:                 {{Tenant, "x y"}},
		`DT_CONNECTION_POINT="${A:-{a;b}{*c}}"`: {{Endpoint, "a"}, {Endpoint, "b"}, {Endpoint, "c"}},
		"tenant x\\y":                           {{Tenant, "x\\y"}},
		"tenant x${A:-y":                        {{Tenant, "x${A:-y"}},
		"tenant <id>":                           {{Tenant, "<id>"}},
		"tenant":                                nil,
		"tenant=":                               nil,
		"tenant ${A}":                           nil,
		"tenant ''":                             nil,
	} {
		clean, found := file.Split([]byte("a b\n" + line + "\nc d\n"))
		require.Equal(t, "a b\nc d\n", string(clean), line)
		require.Equal(t, want, found, line)
	}
	for _, line := range []string{
		"", " \t", "exporttenant x", "exported tenant x", "export", "export=tenant", "export export tenant x", "=tenant", "x tenant y",
		"#tenant x", ";tenant x", "[tenant x", " # tenant x", "tenantx y", "x\ufefftenant y",
	} {
		clean, found := file.Split([]byte(line + "\n" + line))
		require.Equal(t, line+"\n"+line, string(clean))
		require.Empty(t, found, line)
	}
}

// TestAssignments_ReadsWhatStandsWithinOtherQuotes, and what never ends.
func TestAssignments_ReadsWhatStandsWithinOtherQuotes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`DT_TENANT="abc def`:                 "abc def",
		`DT_TENANT='abc def`:                 "abc def",
		`sh -c "DT_TENANT='abc`:              "abc",
		`DT_TENANT=${A:-abc`:                 "abc",
		`sh -c "DT_TENANT=abc" x`:            "abc",
		`["sh","-c","DT_TENANT=abc"]`:        "abc",
		`sh -c 'DT_TENANT=a\bc'`:             "abc",
		`sh -c "export DT_TENANT=abc; true"`: "abc",
		`(DT_TENANT=abc)`:                    "abc",
		`DT_TENANT=abc|cat`:                  "abc",
		`DT_TENANT=abc&`:                     "abc",
		"DT_TENANT=abc\nDT_TENANTS=d":        "abc",
		"DT_TENANT=abc\tx":                   "abc",
		`DT_TENANT\t=\tabc`:                  "",
		"DT_TENANT \t= \tabc":                "abc",
		"DT_TENANT =abc":                     "",
		"1DT_TENANT=abc":                     "",
		"_DT_TENANT=abc":                     "",
		"-DT_TENANT=abc":                     "abc",
		"${DT_TENANT:=abc}":                  "abc",
		"${DT_TENANT:=abc d}":                "abc",
		"${DT_TENANT:=abc;}":                 "abc",
	} {
		all := Assignments(text)
		if want == "" {
			require.Empty(t, all, text)
			continue
		}
		require.Equal(t, []Assignment{{"DT_TENANT", Link{Tenant, want}}}, all, text)
	}
}
