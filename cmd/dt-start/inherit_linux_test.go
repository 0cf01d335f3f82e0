package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// All signals but SIGKILL and SIGSTOP, which no process ignores or blocks.
const allSignals = ^uint64(0) &^ (1<<(9-1) | 1<<(19-1))

// TestSignals_InheritedAsTheyWere: the kernel lets a program inherit which
// signals are ignored and blocked, and Go's runtime changes both.
func TestSignals_InheritedAsTheyWere(t *testing.T) {
	t.Parallel()
	type state struct{ ignored, blocked uint64 }
	states := []state{{0, 0}, {allSignals, 0}, {0, allSignals}, {allSignals, allSignals}}
	for n := 1; n <= 64; n++ {
		if one := uint64(1) << (n - 1) & allSignals; one != 0 {
			states = append(states, state{one, 0}, state{0, one})
		}
	}
	for _, s := range states {
		c := exec.Command(binaries.parent, fmt.Sprintf("%x", s.ignored), fmt.Sprintf("%x", s.blocked),
			binaries.start, "--", "/bin/cat", "/proc/self/status")
		c.Env = []string{"PATH=/bin:/usr/bin", "DT_START_LOG=off"}
		out, err := c.Output()
		require.NoError(t, err)
		require.Equal(t, s.ignored, statusMask(t, string(out), "SigIgn"), "ignored: %x, blocked: %x", s.ignored, s.blocked)
		require.Equal(t, s.blocked, statusMask(t, string(out), "SigBlk"), "ignored: %x, blocked: %x", s.ignored, s.blocked)
		require.Zero(t, statusMask(t, string(out), "SigCgt"))
	}
}

// statusMask returns a mask of /proc/self/status.
func statusMask(t *testing.T, status, name string) (mask uint64) {
	t.Helper()
	for line := range strings.Lines(status) {
		if hex, ok := strings.CutPrefix(line, name+":"); ok {
			_, err := fmt.Sscanf(hex, "%x", &mask)
			require.NoError(t, err, line)
			return mask
		}
	}
	require.Fail(t, "no "+name, status)
	return 0
}

// TestSignals_IgnoredWhileAsking: a signal that the parent ignores does not end
// dt-start before it becomes the app.
func TestSignals_IgnoredWhileAsking(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGHUP, syscall.SIGINT} {
		asked, release := make(chan struct{}, 9), make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked <- struct{}{}
			<-release
			w.WriteHeader(http.StatusUnauthorized)
		}))
		t.Cleanup(server.Close)
		c := newContainer(t)
		require.NoError(t, os.Link(binaries.parent, c.root+"/bin/parent"))
		cmd, stdout, stderr := c.command(t, apiVariables(server.URL, "t", "20s"))
		cmd.Path = "/bin/parent"
		cmd.Args = []string{"parent", fmt.Sprintf("%x", uint64(1)<<(sig-1)), "0", agent.StartPath, "--", "app"}
		if err := cmd.Start(); errors.Is(err, syscall.EPERM) {
			t.Skip("needs root or user namespaces")
		}
		<-asked
		require.NoError(t, cmd.Process.Signal(sig))
		// It would end at once.
		time.Sleep(50 * time.Millisecond)
		close(release)
		require.NoError(t, cmd.Wait(), "%s: %s", sig, stderr)
		require.NotEmpty(t, stdout.String(), "the app is started")
	}
}

// TestDockerfile_LinksTheEntry: without the flag no state of a signal is known,
// and nothing else fails.
func TestDockerfile_LinksTheEntry(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../Dockerfile")
	require.NoError(t, err)
	require.Contains(t, string(b), `-ldflags "$LDFLAGS -E dt_start_entry `)
}
