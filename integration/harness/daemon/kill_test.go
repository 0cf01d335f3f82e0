package daemon

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

func TestAKilledDaemonsStepsEnd(t *testing.T) {
	d := New(t, Options{Registry: testenv.Registry(t)})
	dir, step := t.TempDir(), "sleep 1000."+strconv.Itoa(os.Getpid())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM busybox:1.37-musl\nRUN "+step+"\n"), 0o600))
	cmd := d.Command(t.Context(), "buildx", "build", "--progress=plain", "--output=type=cacheonly", dir)
	require.NoError(t, cmd.Start())
	runs := func() bool {
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		require.NoError(t, err)
		for _, name := range lines {
			dt, _ := os.ReadFile(name)
			if strings.Contains(string(dt), strings.ReplaceAll(step, " ", "\x00")) {
				return true
			}
		}
		return false
	}
	require.Eventually(t, runs, time.Minute, 20*time.Millisecond)
	d.Kill()
	require.Error(t, cmd.Wait())
	require.Eventually(t, func() bool { return !runs() }, 10*time.Second, 20*time.Millisecond)
}
