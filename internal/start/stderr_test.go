package start

import (
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// pipe returns the ends of a pipe that no runtime looks after.
func pipe(t *testing.T) (r, w int) {
	t.Helper()
	var p [2]int
	require.NoError(t, syscall.Pipe2(p[:], syscall.O_CLOEXEC))
	return p[0], p[1]
}

func drain(t *testing.T, fd int) string {
	t.Helper()
	b := make([]byte, 1<<20)
	var s strings.Builder
	for {
		n, err := syscall.Read(fd, b)
		require.NoError(t, err)
		if n == 0 {
			return s.String()
		}
		s.Write(b[:n])
	}
}

func TestStderr(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a line\n", strings.Repeat("x", 3*atOnce+1)} {
		r, w := pipe(t)
		n, err := stream(w).Write([]byte(text))
		require.NoError(t, err)
		require.Equal(t, len(text), n)
		require.NoError(t, syscall.Close(w))
		require.Equal(t, text, drain(t, r))
		require.NoError(t, syscall.Close(r))
	}
}

func TestStderrThatNobodyReads(t *testing.T) {
	t.Parallel()
	r, w := pipe(t)
	line := strings.Repeat("x", 99) + "\n"
	for range 1 << 15 { // far more than a pipe holds
		_, err := stream(w).Write([]byte(line))
		require.NoError(t, err)
	}
	require.NoError(t, syscall.Close(w))
	got := drain(t, r)
	require.NotEmpty(t, got)
	require.Empty(t, strings.ReplaceAll(got, line, ""), "whole lines alone")
	require.NoError(t, syscall.Close(r))
}

func TestStderrThatIsClosed(t *testing.T) {
	t.Parallel()
	r, w := pipe(t)
	require.NoError(t, syscall.Close(r))
	_, err := stream(w).Write([]byte("a line\n"))
	require.NoError(t, err)
	require.NoError(t, syscall.Close(w))
	_, err = stream(1 << 20).Write([]byte("a line\n"))
	require.NoError(t, err)
}
