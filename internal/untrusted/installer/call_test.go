package installer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A script for another machine sees itself called as ever, but for uname.
func TestTheMachine(t *testing.T) {
	const script = makesAgent + `{ echo "$0 $# $1"; type uname | head -n 1; type arch | head -n 1; } > "$1/dynatrace/oneagent/seen"; env > "$1/dynatrace/oneagent/env"
exit 0
echo never > "$1/dynatrace/oneagent/never"
`
	for machine, want := range map[string]struct{ uname, env string }{
		"":      {"/", "PATH=/bin\n"},
		"s390x": {"function", "DT_INSTALL_MACHINE=s390x\n"},
	} {
		t.Run(machine, func(t *testing.T) {
			prefix, err := installCall(t, "#!/bin/sh\n"+script, Call{Machine: machine})
			require.NoError(t, err)
			dir := filepath.Join(prefix, "dynatrace/oneagent")
			seen, err := os.ReadFile(filepath.Join(dir, "seen"))
			require.NoError(t, err)
			lines := strings.Split(string(seen), "\n")
			require.Equal(t, filepath.Join(filepath.Dir(prefix), "installer.sh")+" 1 "+prefix, lines[0])
			require.Contains(t, lines[1], want.uname)
			require.Contains(t, lines[2], want.uname)
			env, err := os.ReadFile(filepath.Join(dir, "env"))
			require.NoError(t, err)
			require.Contains(t, string(env), want.env)
			require.Equal(t, machine != "", strings.Contains(string(env), "MACHINE"))
			require.NoFileExists(t, filepath.Join(dir, "never"))
		})
	}
}

// The script's failure is its own, whatever runs it.
func TestTheMachinesFailures(t *testing.T) {
	for script, want := range map[string]string{
		"echo no; exit 5":   "exit status 5",
		"set -e; false":     "exit status 1",
		"a=(1 2)":           "exit status 2",
		"nobody-has-this-1": "exit status 127",
	} {
		_, err := installCall(t, script, Call{Machine: "s390x"})
		require.EqualError(t, err, "the installer failed ("+want+")")
	}
}

// Nobody can be asked anything.
func TestThereIsNoTerminal(t *testing.T) {
	both(t, func(t *testing.T, install func(script string) (string, error)) {
		_, err := install(makesAgent + `if (: </dev/tty) 2>/dev/null; then exit 4; fi; [ -z "$(cat)" ] && [ "$(ps -o sid= -p $$ | tr -d ' ')" = $$ ]`)
		require.NoError(t, err)
	})
}
