package notice

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCmdline(t *testing.T) {
	dockerfile := []byte("# syntax=org/dt-frontend include=java\nFROM scratch\n")
	for name, tt := range map[string]struct {
		opts map[string]string
		want string
	}{
		"handed on":      {map[string]string{keySource: "org/dt-frontend", keyCmdline: "org/dt-frontend mode=off"}, "org/dt-frontend mode=off"},
		"asked for":      {map[string]string{keySource: "org/dt-frontend"}, "org/dt-frontend include=java"},
		"another's line": {map[string]string{keySource: "my/own"}, ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, Cmdline(dockerfile, tt.opts)) })
	}
	require.Empty(t, Cmdline([]byte("FROM scratch\n"), map[string]string{keySource: "org/dt-frontend"}))
}

func TestSyntaxLine(t *testing.T) {
	ours := []byte("# escape=`\n# syntax=org/dt-frontend include=java\nFROM scratch\n")
	opts := map[string]string{"source": "org/dt-frontend"}
	loc := syntaxLine(ours, opts)
	require.Len(t, loc, 1)
	require.Equal(t, 2, loc[0].Start.Line)
	require.Nil(t, syntaxLine([]byte("FROM scratch\n"), opts))
	require.Nil(t, syntaxLine([]byte("# syntax=docker/dockerfile:1\nFROM scratch\n"), opts), "it asks for another")
	require.Nil(t, syntaxLine(ours, map[string]string{"source": "org/dt-frontend", "build-arg:BUILDKIT_SYNTAX": "org/dt-frontend"}))
}
