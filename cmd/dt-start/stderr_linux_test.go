package main

import (
	"bytes"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stderrPipe returns the ends of a pipe, which block as a container's do.
func stderrPipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	var p [2]int
	require.NoError(t, syscall.Pipe2(p[:], syscall.O_CLOEXEC))
	r, w = os.NewFile(uintptr(p[0]), "r"), os.NewFile(uintptr(p[1]), "w")
	t.Cleanup(func() { _ = r.Close(); _ = w.Close() })
	return r, w
}

// TestStderrKeepsNoAppFromStarting: whoever reads the log may be gone, or be
// there and not read.
func TestStderrKeepsNoAppFromStarting(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, r, w *os.File){
		"closed": func(t *testing.T, r, _ *os.File) {
			t.Helper()
			require.NoError(t, r.Close())
		},
		"full": func(t *testing.T, _, w *os.File) {
			t.Helper()
			fd := int(w.Fd())
			require.NoError(t, syscall.SetNonblock(fd, true))
			full := bytes.Repeat([]byte("x"), 4096)
			var err error
			for err == nil {
				_, err = syscall.Write(fd, full)
			}
			require.ErrorIs(t, err, syscall.EAGAIN)
			require.NoError(t, syscall.SetNonblock(fd, false))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newContainer(t)
			for _, app := range []string{"app", "none"} {
				r, w := stderrPipe(t)
				spoil(t, r, w)
				cmd, stdout, _ := c.command(t, append(agentVariables(), "DT_START_LOG=debug"), "--", app)
				cmd.Stderr = w
				require.NoError(t, cmd.Start())
				late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
				_ = cmd.Wait()
				late.Stop()
				if app == "none" {
					require.Equal(t, 127, cmd.ProcessState.ExitCode(), cmd.ProcessState)
					continue
				}
				require.Zero(t, cmd.ProcessState.ExitCode(), cmd.ProcessState)
				require.Contains(t, stdout.String(), "LD_PRELOAD="+library)
			}
		})
	}
}
