package installer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// install runs a script and returns the prefix.
func install(t *testing.T, script string) (string, error) {
	t.Helper()
	return installCall(t, "#!/bin/sh\n"+script, Call{})
}

// installCall is install with all that a call may say beside its paths.
func installCall(t *testing.T, script string, c Call) (string, error) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user, as a build step does")
	}
	// Nobody but root may pass through the parents of t.TempDir.
	base, err := os.MkdirTemp("", "installer-test-") //nolint:usetesting // see above
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	require.NoError(t, os.Chmod(base, 0o755))
	file := filepath.Join(base, "installer.sh")
	require.NoError(t, os.WriteFile(file, []byte(script), 0o644))
	prefix, tmp := filepath.Join(base, "opt"), filepath.Join(base, "tmp")
	require.NoError(t, os.Mkdir(prefix, 0o755))
	require.NoError(t, os.Mkdir(tmp, 0o755))
	c.Script, c.Prefix, c.Makes, c.Tmp = file, prefix, "dynatrace/oneagent", tmp
	return prefix, Run(t.Context(), c)
}

const makesAgent = `mkdir -p "$1/dynatrace/oneagent"; : > "$1/dynatrace/oneagent/file"` + "\n"

func TestRun(t *testing.T) {
	prefix, err := install(t, makesAgent+`echo hello > "$1/dynatrace/oneagent/manifest.json"`)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(prefix, "dynatrace/oneagent/manifest.json"))
}

func TestTheInstallerIsNobody(t *testing.T) {
	prefix, err := install(t, makesAgent+`cat /proc/self/status > "$1/dynatrace/oneagent/status"; env > "$1/dynatrace/oneagent/env"`)
	require.NoError(t, err)
	status, err := os.ReadFile(filepath.Join(prefix, "dynatrace/oneagent/status"))
	require.NoError(t, err)
	fields := map[string]string{}
	for line := range strings.Lines(string(status)) {
		k, v, _ := strings.Cut(line, ":")
		fields[k] = strings.Join(strings.Fields(v), " ")
	}
	require.Equal(t, "65534 65534 65534 65534", fields["Uid"])
	require.Equal(t, "65534 65534 65534 65534", fields["Gid"])
	require.Empty(t, fields["Groups"])
	require.Equal(t, "1", fields["NoNewPrivs"])
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		require.Equal(t, "0000000000000000", fields[set], set)
	}
	env, err := os.ReadFile(filepath.Join(prefix, "dynatrace/oneagent/env"))
	require.NoError(t, err)
	require.NotContains(t, string(env), "GO", "nothing of the caller's environment")
}

func TestTheInstallerReadsNoFileOfRoot(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("x"), 0o400))
	_, err := install(t, makesAgent+"cat "+secret)
	require.Error(t, err)
}

func TestFailures(t *testing.T) {
	tests := map[string]struct {
		script string
		want   string
		output string
	}{
		"exit code":         {"echo out of luck >&2; exit 3", "the installer failed (exit status 3)", "out of luck"},
		"signal":            {"kill -9 $$", "the installer failed (signal: killed)", ""},
		"installed nothing": {"echo done", "the installer said that all went well (exit status 0), but installed nothing", "done"},
		"an empty folder":   {`mkdir -p "$1/dynatrace/oneagent"; echo done`, "the installer said that all went well (exit status 0), but installed nothing", "done"},
		"a file":            {`mkdir -p "$1/dynatrace"; : > "$1/dynatrace/oneagent"`, "the installer said that all went well (exit status 0), but installed nothing", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := install(t, tt.script)
			var failed *Error
			require.ErrorAs(t, err, &failed)
			require.EqualError(t, err, tt.want)
			require.Contains(t, failed.Output, tt.output)
		})
	}
}

func TestOnlyTheEndOfTheOutputIsKept(t *testing.T) {
	_, err := install(t, "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; exit 1")
	var failed *Error
	require.ErrorAs(t, err, &failed)
	require.LessOrEqual(t, len(failed.Output), maxOutput)
	require.True(t, strings.HasPrefix(failed.Output, "line "), "whole lines: the half of a secret is not found")
	require.Contains(t, failed.Output, "line 4999")
}

// A child that the installer leaves behind could write after the checks, in
// whatever session it is.
func TestNothingIsLeftRunning(t *testing.T) {
	for _, by := range []string{"", "setsid ", "setsid setsid "} {
		t.Run(by, func(t *testing.T) { testNothingIsLeftRunning(t, by) })
	}
}

func testNothingIsLeftRunning(t *testing.T, by string) {
	prefix, err := install(t, makesAgent+by+`sh -c 'while :; do date >> "$0/dynatrace/oneagent/late"; sleep 0.01; done' "$1" >/dev/null 2>&1 &
while [ ! -s "$1/dynatrace/oneagent/late" ]; do sleep 0.01; done`)
	require.NoError(t, err)
	late := filepath.Join(prefix, "dynatrace/oneagent/late")
	size := func() int64 {
		st, err := os.Stat(late)
		if err != nil {
			return 0
		}
		return st.Size()
	}
	before := size()
	require.Positive(t, before, "control: it wrote")
	time.Sleep(100 * time.Millisecond)
	require.Equal(t, before, size())
}
