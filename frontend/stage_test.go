package frontend

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGetsAgent(t *testing.T) {
	df := []byte("# our own\n# check=skip=all\nFROM scratch AS build\nFROM scratch AS Test\nFROM scratch\n")
	tests := []struct {
		target string
		wanted []string
		want   bool
	}{
		{"", nil, true},
		{"build", nil, true},
		{"build", []string{"build"}, true},
		{"BUILD", []string{"build"}, true},
		{"0", []string{"build"}, true},
		{"test", []string{"build"}, false},
		{"test", []string{"build", "test"}, true},
		{"", []string{"2"}, true},
		{"", []string{"build"}, false},
	}
	for _, tt := range tests {
		got, err := getsAgent(df, tt.target, tt.wanted)
		require.NoError(t, err)
		require.Equal(t, tt.want, got, "%q of %v", tt.target, tt.wanted)
	}
	_, err := getsAgent(df, "", []string{"buidl"})
	require.EqualError(t, err, `dynatrace: stages: the Dockerfile has no stage "buidl", but build, test, 2 (did you mean build?)`)
}
