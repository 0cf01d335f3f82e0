package installer

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	return prefix, RunAsSelf(ctx, file, prefix, tmp)
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
