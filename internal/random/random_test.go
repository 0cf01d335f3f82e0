package random

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValues_HaveTheWholeAlphabet(t *testing.T) {
	t.Parallel()
	for form, value := range map[string]func() string{
		`^[A-Za-z0-9]{32}$`:                    Text,
		`^[a-z][a-z0-9]{31}$`:                  Lower,
		`^dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}$`: Token,
	} {
		seen := map[string]bool{}
		for range 1000 {
			v := value()
			require.Regexp(t, form, v)
			for _, c := range "0189" {
				require.Contains(t, v, string(c))
			}
			require.False(t, seen[v])
			seen[v] = true
		}
	}
}
