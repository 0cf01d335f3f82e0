package agent

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMinorVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.305.152.20241113-104505": "1.305",
		"1.307.59":                  "1.307",
		"1.307":                     "1.307",
		"":                          "",
		"latest":                    "",
		"1":                         "",
		"1.":                        "",
		".305":                      "",
		"1.3x5.2":                   "",
		"1.-5":                      "",
	} {
		require.Equal(t, want, MinorVersion(version), version)
	}
}
