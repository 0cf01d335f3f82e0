package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// buffer is a log that is written and read at the same time.
type buffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	ctx, cancel := context.WithCancel(t.Context())
	var stderr buffer
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"--state", dir, "--size", "1000"}, &stderr) }()

	state := filepath.Join(dir, infoName)
	require.Eventually(t, func() bool { _, err := os.Stat(state); return err == nil }, 5*time.Second, 5*time.Millisecond)
	values := map[string]string{}
	for _, name := range []string{"DT_API_URL", "DT_API_TOKEN", "DT_TENANT", infoName} {
		stat, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.EqualValues(t, 0o600, stat.Mode().Perm())
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		values[name] = string(data)
	}
	var doc info
	require.NoError(t, json.Unmarshal([]byte(values[infoName]), &doc))
	require.Equal(t, os.Getpid(), doc.PID)
	require.Equal(t, "http://"+doc.Addr+"/e/"+values["DT_TENANT"]+"/api", values["DT_API_URL"])

	r, err := http.NewRequestWithContext(ctx, http.MethodGet,
		values["DT_API_URL"]+"/v1/deployment/installer/agent/unix/paas-sh/latest/metainfo", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Api-Token "+values["DT_API_TOKEN"])
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)

	cancel()
	require.NoError(t, <-ended)
	require.NoFileExists(t, state)
	require.Contains(t, stderr.String(), "seed")
	require.NotContains(t, stderr.String(), values["DT_API_TOKEN"])
}

func TestBadArguments(t *testing.T) {
	for _, args := range [][]string{{"--addr", "nowhere.invalid:1"}, {"--port", "1"}, {"more"}} {
		require.Error(t, run(t.Context(), args, &buffer{}))
	}
}
