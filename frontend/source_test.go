package frontend

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
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, cmdline(dockerfile, tt.opts)) })
	}
	require.Empty(t, cmdline([]byte("FROM scratch\n"), map[string]string{keySource: "org/dt-frontend"}))
}
