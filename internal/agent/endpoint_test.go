package agent

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		"":                         nil,
		" ; {} * ":                 nil,
		"https://a":                {"https://a"},
		"https://a;https://b":      {"https://a", "https://b"},
		" https://a ;\nhttps://a;": {"https://a"},
		`"{https://a;https://b}"`:  {"https://a", "https://b"},
		"{*https://a:9999/communication;https://b}{https://c}": {"https://a:9999/communication", "https://b", "https://c"},
		"https://a, https://b":                                 {"https://a", "https://b"},
		"{https://a};{*https://b;*https://a}":                  {"https://a", "https://b"},
	} {
		require.Equal(t, want, Endpoints(list), list)
	}
}
