package uname

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// run returns what a call prints, without the last newline.
func run(t *testing.T, machine string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	require.Zero(t, Run(args, machine, &out, &errs))
	require.Empty(t, errs.String())
	return strings.TrimSuffix(out.String(), "\n")
}

// TestAsTheSystems own, where the machine is this one.
func TestAsTheSystems(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"uname"}, {"uname", "-s"}, {"uname", "-n"}, {"uname", "-r"}, {"uname", "-v"}, {"uname", "-m"}, {"uname", "-o"}, {"uname", "-a"},
		{"uname", "-sm"}, {"uname", "-m", "-s", "-r"}, {"uname", "--machine"}, {"uname", "--kernel-name", "--kernel-release"},
		{"uname", "--nodename", "--kernel-version", "--operating-system"}, {"uname", "--all"}, {"uname", "-am"}, {"arch"},
	} {
		want, err := exec.CommandContext(t.Context(), args[0], args[1:]...).Output()
		require.NoError(t, err)
		require.Equal(t, strings.TrimSuffix(string(want), "\n"), run(t, "", args...), args)
	}
}

func TestAnotherMachine(t *testing.T) {
	t.Parallel()
	const machine = "s390x"
	for _, args := range []string{"uname -m", "/bin/uname -p", "uname -i", "uname --machine", "uname --processor", "uname --hardware-platform", "/usr/bin/arch"} {
		require.Equal(t, machine, run(t, machine, strings.Fields(args)...), args)
	}
	require.Equal(t, "Linux "+machine, run(t, machine, "uname", "-ms"))
	require.Equal(t, run(t, "", "uname", "-snrv")+" "+machine+" GNU/Linux", run(t, machine, "uname", "-a"))
	require.Equal(t, run(t, "", "uname", "-r"), run(t, machine, "uname", "-r"))
}

func TestUnknownArguments(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"-x", "--no", "m", "-", ""} {
		var out, errs bytes.Buffer
		require.Equal(t, 1, Run([]string{"uname", arg}, "", &out, &errs), arg)
		require.Empty(t, out.String())
		require.Contains(t, errs.String(), "uname: unknown argument")
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	require.True(t, Is("uname"))
	require.True(t, Is("/usr/bin/arch"))
	require.False(t, Is("/bin/dt-install"))
}
