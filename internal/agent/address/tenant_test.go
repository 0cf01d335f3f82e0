package address

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTenant(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://abc12345.live.dynatrace.com/api":           "abc12345",
		"https://ABC12345.live.dynatrace.com":               "abc12345",
		"https://abc12345.apps.dynatrace.com/ui":            "abc12345",
		"https://abc12345.sprint.dynatracelabs.com":         "abc12345",
		"https://dt.example.invalid/e/abc12345/api":         "abc12345",
		"https://ag.example.invalid:9999/e/abc12345":        "abc12345",
		"https://dt.example.invalid/api":                    "",
		"https://dt.example.invalid/e":                      "",
		"https://www.dynatrace.com":                         "",
		"https://abc12345.live.dynatrace.example.invalid/a": "",
		"abc12345": "",
		"%":        "",
		"":         "",
	} {
		require.Equal(t, want, Tenant(raw), raw)
	}
}
