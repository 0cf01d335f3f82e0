package installer

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// installAsSelf runs a script and returns the prefix.
func installAsSelf(ctx context.Context, t *testing.T, script string) (string, error) {
	t.Helper()
	base := t.TempDir()
	file := filepath.Join(base, "installer.sh")
	require.NoError(t, os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o600))
	prefix, tmp := filepath.Join(base, "opt"), filepath.Join(base, "tmp")
	require.NoError(t, os.Mkdir(prefix, 0o755))
	require.NoError(t, os.Mkdir(tmp, 0o755))
	return prefix, RunAsSelf(ctx, Call{Script: file, Prefix: prefix, Makes: "dynatrace/oneagent", Tmp: tmp})
}

func TestRunAsSelf(t *testing.T) {
	sentinel := rand.Text()
	t.Setenv("DT_API_TOKEN", sentinel)
	prefix, err := installAsSelf(t.Context(), t, makesAgent+`env > "$1/dynatrace/oneagent/env"; id -u > "$1/dynatrace/oneagent/id"`)
	require.NoError(t, err)
	env, err := os.ReadFile(filepath.Join(prefix, "dynatrace/oneagent/env"))
	require.NoError(t, err)
	require.NotContains(t, string(env), sentinel, "nothing of the caller's environment")
	require.NotContains(t, string(env), "GO")
	require.Contains(t, string(env), "PATH=/usr/local/sbin:")
	id, err := os.ReadFile(filepath.Join(prefix, "dynatrace/oneagent/id"))
	require.NoError(t, err)
	require.Equal(t, os.Geteuid(), atoi(t, strings.TrimSpace(string(id))), "the container's own user")
}

func atoi(t *testing.T, s string) (n int) {
	t.Helper()
	for _, c := range s {
		require.True(t, c >= '0' && c <= '9', s)
		n = n*10 + int(c-'0')
	}
	return n
}

func TestRunAsSelfFails(t *testing.T) {
	t.Parallel()
	_, err := installAsSelf(t.Context(), t, "echo first; echo 'no tar here' >&2; exit 3")
	var failed *Error
	require.ErrorAs(t, err, &failed)
	require.EqualError(t, failed, "the installer failed (exit status 3)")
	require.Equal(t, "no tar here", failed.LastLine())
	_, err = installAsSelf(t.Context(), t, "true")
	require.ErrorContains(t, err, "installed nothing")
}

// TestRunAsSelfEndsWithItsContext, and so does what the script has started.
func TestRunAsSelfEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	prefix, err := installAsSelf(ctx, t, `(while sleep 0.05; do echo x >> "$1/log"; done) | cat; sleep 60`)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(began), 30*time.Second, "it does not wait for the output's end")
	before, _ := os.ReadFile(filepath.Join(prefix, "log"))
	time.Sleep(200 * time.Millisecond)
	after, _ := os.ReadFile(filepath.Join(prefix, "log"))
	require.Equal(t, before, after)
}

// TestRunAsSelfLeavesNothingRunning: not what has left the group either. What
// was there before is another's.
func TestRunAsSelfLeavesNothingRunning(t *testing.T) {
	neighbour := exec.Command("sleep", "60")
	require.NoError(t, neighbour.Start())
	defer func() {
		require.NoError(t, neighbour.Process.Signal(syscall.Signal(0)), "it is alive")
		_ = neighbour.Process.Kill()
		_ = neighbour.Wait()
	}()
	prefix, err := installAsSelf(t.Context(), t, makesAgent+`
		setsid sh -c 'echo $$ > "'"$1"'/pid"; (while sleep 0.02; do echo x >> "'"$1"'/log"; done) & sleep 60' > /dev/null 2>&1 < /dev/null &
		while [ ! -s "$1/log" ]; do sleep 0.02; done
	`)
	require.NoError(t, err)
	before, err := os.ReadFile(filepath.Join(prefix, "log"))
	require.NoError(t, err)
	time.Sleep(200 * time.Millisecond)
	after, err := os.ReadFile(filepath.Join(prefix, "log"))
	require.NoError(t, err)
	require.Equal(t, before, after)
	pid, err := os.ReadFile(filepath.Join(prefix, "pid"))
	require.NoError(t, err)
	require.ErrorIs(t, syscall.Kill(atoi(t, strings.TrimSpace(string(pid))), 0), syscall.ESRCH, "it is reaped")
	pids, err := children()
	require.NoError(t, err)
	require.Equal(t, []int{neighbour.Process.Pid}, pids)
	var adopts int32
	require.NoError(t, unix.Prctl(unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&adopts)), 0, 0, 0))
	require.Zero(t, adopts, "the app is as it was")
}

// TestRunAsSelfAsFirstProcess of a container, with and without its /proc.
func TestRunAsSelfAsFirstProcess(t *testing.T) {
	const inside = "INSTALLER_TEST_FIRST"
	proc := os.Getenv(inside)
	if proc == "" {
		for _, proc := range []string{"with", "without"} {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
			cmd.Env = append(os.Environ(), inside+"="+proc)
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Unshareflags: syscall.CLONE_NEWNS}
			out, err := cmd.CombinedOutput()
			if errors.Is(err, syscall.EPERM) {
				t.Skip("needs root: ", err)
			}
			require.NoError(t, err, "%s /proc: %s", proc, out)
		}
		return
	}
	require.Equal(t, 1, os.Getpid())
	if proc == "with" {
		require.NoError(t, syscall.Mount("proc", "/proc", "proc", 0, ""))
	}
	_, known := ownChildren()
	require.Equal(t, proc == "with", known)
	began := time.Now()
	_, err := installAsSelf(t.Context(), t, makesAgent+`setsid sleep 60 > /dev/null 2>&1 < /dev/null &`)
	require.NoError(t, err)
	require.Less(t, time.Since(began), 30*time.Second)
	require.ErrorIs(t, syscall.Kill(-1, 0), syscall.ESRCH, "nothing is left, and nothing to reap")
}
