package agent_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	standin "github.com/org/dt-frontend/integration/agent"
	"github.com/org/dt-frontend/internal/agent"
)

type report struct {
	Tenant, Token string
	Process, Args string
	PID           int
}

// endpoint is a connection point that keeps what agents tell it.
func endpoint(t *testing.T) (url string, reports <-chan report) {
	t.Helper()
	ch := make(chan report, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := report{Tenant: r.Header.Get("X-Tenant"), Token: r.Header.Get("X-Tenant-Token")}
		body, err := io.ReadAll(r.Body)
		if err == nil && json.Unmarshal(body, &got) == nil {
			ch <- got
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, ch
}

// preload runs a program with the library and returns what it printed.
func preload(t *testing.T, library string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append([]string{"LD_PRELOAD=" + library}, env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func library(t *testing.T, flavor agent.Flavor) string {
	t.Helper()
	path, err := standin.Build(t.TempDir(), agent.ArchX86, flavor)
	require.NoError(t, err)
	return path
}

func TestCheckIn(t *testing.T) {
	lib := library(t, agent.FlavorDefault)
	for name, point := range map[string]func(url string) string{
		"address":        func(url string) string { return url + "/communication" },
		"localhost":      func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) },
		"https first":    func(url string) string { return "https://127.0.0.1:1/communication;" + url },
		"refusing first": func(url string) string { return "http://127.0.0.1:1/communication;" + url + "/communication" },
		"odd ones first": func(url string) string { return ";;http://;http://name.invalid/x;http://127.0.0.1:99999/;" + url },
	} {
		t.Run(name, func(t *testing.T) {
			url, reports := endpoint(t)
			out := preload(t, lib, []string{"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", "DT_CONNECTION_POINT=" + point(url)},
				"/bin/echo", `a "b" \ c`)
			require.Equal(t, "a \"b\" \\ c\n", out, "the app's output is its own")
			require.Len(t, reports, 1)
			got := <-reports
			require.NotZero(t, got.PID)
			got.PID = 0
			require.Equal(t, report{Tenant: "abc", Token: "xyz", Process: "echo", Args: `/bin/echo a "b" \ c`}, got)
		})
	}
}

func TestCheckInMusl(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "app.c")
	require.NoError(t, os.WriteFile(src, []byte("#include <stdio.h>\nint main(void){puts(\"app\");return 0;}\n"), 0o644))
	app := filepath.Join(dir, "muslapp")
	out, err := exec.Command("musl-gcc", "-o", app, src).CombinedOutput()
	require.NoError(t, err, "%s", out)

	url, reports := endpoint(t)
	printed := preload(t, library(t, agent.FlavorMusl),
		[]string{"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", "DT_CONNECTION_POINT=" + url}, app)
	require.Equal(t, "app\n", printed)
	require.Len(t, reports, 1)
	require.Equal(t, "muslapp", (<-reports).Process)
}

func TestSilence(t *testing.T) {
	lib := library(t, agent.FlavorDefault)
	url, reports := endpoint(t)
	point := "DT_CONNECTION_POINT=" + url
	for name, env := range map[string][]string{
		"no tenant":     {"DT_TENANTTOKEN=xyz", point},
		"no token":      {"DT_TENANT=abc", point},
		"no endpoint":   {"DT_TENANT=abc", "DT_TENANTTOKEN=xyz"},
		"switched off":  {"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", point, "DT_AGENTACTIVE=false"},
		"header break":  {"DT_TENANT=abc\r\nX-Other: 1", "DT_TENANTTOKEN=xyz", point},
		"long token":    {"DT_TENANT=abc", "DT_TENANTTOKEN=" + strings.Repeat("x", 5000), point},
		"long endpoint": {"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", point + "/" + strings.Repeat("x", 5000)},
		"all refuse":    {"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", "DT_CONNECTION_POINT=http://127.0.0.1:1/"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, "app\n", preload(t, lib, env, "/bin/echo", "app"))
			require.Empty(t, reports)
		})
	}
}

// A cluster that accepts and then says nothing must not hold the app up.
func TestHungCluster(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	start := time.Now()
	out := preload(t, library(t, agent.FlavorDefault),
		[]string{"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", "DT_CONNECTION_POINT=" + s.URL}, "/bin/echo", "app")
	require.Equal(t, "app\n", out)
	require.Less(t, time.Since(start), 5*time.Second)
}
