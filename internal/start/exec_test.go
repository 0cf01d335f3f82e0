package start

import (
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExec(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		errs []error
		exit int
		want string
	}{
		{"no interpreter", []error{syscall.ENOENT}, 127, `cannot start "/bin/app": no such file or directory (the interpreter or the loader that it names is missing)`},
		{"no format", []error{syscall.ENOEXEC}, 126, "neither a program for this machine nor a script with #!"},
		{"denied", []error{syscall.EACCES}, 126, "permission denied"},
		{"too large", []error{syscall.E2BIG, nil}, 126, "dt-start: the app runs unmonitored: there is no room for the agent's variables"},
		{"too large anyway", []error{syscall.E2BIG, syscall.E2BIG}, 126, `cannot start "/bin/app": argument list too long`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).agentVariables()
			var envs [][]string
			var b strings.Builder
			exit := f.make(t).Exec(func(path string, args, env []string) error {
				require.Equal(t, "/bin/app", path)
				require.Equal(t, f.args, args)
				envs = append(envs, env)
				return tc.errs[len(envs)-1]
			}, &b)
			require.Equal(t, tc.exit, exit)
			require.Contains(t, b.String(), tc.want)
			require.Len(t, envs, len(tc.errs))
			if len(envs) == 2 {
				require.Equal(t, f.env, envs[1])
			}
		})
	}
	t.Run("too large, and to fail", func(t *testing.T) {
		t.Parallel()
		var b strings.Builder
		p := newFixture(t).agentVariables().set("DT_START_ON_ERROR=fail").make(t)
		times := 0
		exit := p.Exec(func(string, []string, []string) error { times++; return syscall.E2BIG }, &b)
		require.Equal(t, exitConfig, exit)
		require.Equal(t, 1, times)
		require.Equal(t, "dt-start: the app is not started, since it would run unmonitored: there is no room for the agent's variables in its environment\n", b.String())
	})
	t.Run("too large without us", func(t *testing.T) {
		t.Parallel()
		p := newFixture(t).other("/x/liboneagentproc.so").set("LD_PRELOAD=/x/liboneagentproc.so", "DT_START_ON_ERROR=fail").make(t)
		exit := p.Exec(func(string, []string, []string) error { return syscall.E2BIG }, io.Discard)
		require.Equal(t, exitNotExecutable, exit)
	})
	t.Run("nothing to start", func(t *testing.T) {
		t.Parallel()
		p := Make(t.Context(), Input{Files: newTree(nil)})
		require.Equal(t, 127, p.Exec(nil, io.Discard))
	})
}
