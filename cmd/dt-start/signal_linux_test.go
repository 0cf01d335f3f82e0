package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSignalsReachTheApp(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1} {
		c := newContainer(t)
		cmd, stdout, stderr := c.command(t, agentVariables(), "--", "app", "wait")
		cmd.Stdout = nil
		pipe, err := cmd.StdoutPipe()
		require.NoError(t, err)
		if err := cmd.Start(); errors.Is(err, syscall.EPERM) {
			t.Skip("needs root or user namespaces")
		}
		_, err = io.CopyN(stdout, pipe, 1)
		require.NoError(t, err, stderr)
		require.NoError(t, cmd.Process.Signal(s))
		_, _ = io.Copy(io.Discard, pipe)
		_ = cmd.Wait()
		require.Equal(t, 40+int(s), cmd.ProcessState.ExitCode())
	}
}

// TestSignalWhileAsking: as a first process one without a handler would not
// be ended at all.
func TestSignalWhileAsking(t *testing.T) {
	t.Parallel()
	// What we are told to ignore, as by nohup, our children would ignore too;
	// what we handle they do not.
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(handled) })
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		asked := make(chan struct{}, 9)
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			asked <- struct{}{}
			<-r.Context().Done()
		}))
		t.Cleanup(server.Close)
		cmd, stdout, stderr := newContainer(t).command(t, apiVariables(server.URL, "t", "20s"), "--", "app")
		if err := cmd.Start(); errors.Is(err, syscall.EPERM) {
			t.Skip("needs root or user namespaces")
		}
		<-asked
		began := time.Now()
		require.NoError(t, cmd.Process.Signal(s))
		_ = cmd.Wait()
		require.Less(t, time.Since(began), 15*time.Second)
		require.Equal(t, 128+int(s), cmd.ProcessState.ExitCode())
		require.Empty(t, stdout.String(), "the app is not started")
		require.Empty(t, stderr.String())
	}
}
