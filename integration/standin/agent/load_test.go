package agent_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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

	standin "github.com/org/dt-frontend/integration/standin/agent"
	"github.com/org/dt-frontend/internal/agent"
)

const version = "1.305.152.20241113-104505"

// request is one that an agent sent.
type request struct {
	method, path, agent, contentType string
	tenant, token                    string
	fields                           []string
}

// endpoint is a connection point that keeps what agents tell it.
func endpoint(t *testing.T) (url string, requests <-chan request) {
	t.Helper()
	ch := make(chan request, 8)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got := request{method: r.Method, path: r.URL.Path, agent: r.UserAgent(), contentType: r.Header.Get("Content-Type")}
		got.tenant, got.token, _ = r.BasicAuth()
		body, err := io.ReadAll(r.Body)
		if err == nil && len(body) > 0 {
			got.fields = strings.SplitN(string(body), "\x00", 5)
		}
		ch <- got
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

// library is the one of an agent's version.
func library(t *testing.T) string {
	t.Helper()
	path, err := standin.Build(t.TempDir(), agent.ArchX86)
	require.NoError(t, err)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	named := standin.SetVersion(data, version)
	require.Len(t, named, len(data))
	require.False(t, bytes.Equal(data, named))
	require.NoError(t, os.WriteFile(path, named, 0o755))
	return path
}

func TestCheckIn(t *testing.T) {
	lib := library(t)
	for name, tc := range map[string]struct {
		point func(url string) string
		path  string
	}{
		"address":        {func(url string) string { return url + "/communication" }, "/communication"},
		"no path":        {func(url string) string { return url }, "/communication"},
		"another path":   {func(url string) string { return url + "/x" }, "/x"},
		"localhost":      {func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }, "/communication"},
		"https first":    {func(url string) string { return "https://127.0.0.1:1/communication;" + url }, "/communication"},
		"refusing first": {func(url string) string { return "http://127.0.0.1:1/communication;" + url }, "/communication"},
		"odd ones first": {func(url string) string { return ";;http://;http://name.invalid/x;http://127.0.0.1:99999/;" + url }, "/communication"},
		"groups": {func(url string) string {
			return "{*https://127.0.0.1:1;" + url + "/communication}{http://127.0.0.1:1/communication}"
		}, "/communication"},
	} {
		t.Run(name, func(t *testing.T) {
			url, requests := endpoint(t)
			out := preload(t, lib, []string{"DT_TENANT=abc", "DT_TENANTTOKEN=x:yz", "DT_CONNECTION_POINT=" + tc.point(url)},
				"/bin/echo", `a "b" \ c`)
			require.Equal(t, "a \"b\" \\ c\n", out, "the app's output is its own")
			require.Len(t, requests, 2)
			for _, method := range []string{http.MethodHead, http.MethodPost} {
				got := <-requests
				require.Equal(t, method, got.method)
				require.Equal(t, tc.path, got.path)
				require.Equal(t, [2]string{"abc", "x:yz"}, [2]string{got.tenant, got.token})
				require.Regexp(t, `^ruxit/1\.305\.152\.20241113-104505 0x[0-9a-f]+ abc$`, got.agent)
				if method == http.MethodHead {
					require.Empty(t, got.fields)
					continue
				}
				require.Equal(t, "application/bin", got.contentType)
				require.Len(t, got.fields, 5)
				require.NotEqual(t, "0", got.fields[2])
				got.fields[2] = ""
				require.Equal(t, []string{standin.BodyMagic, "echo", "", "", `/bin/echo a "b" \ c`}, got.fields)
			}
		})
	}
}

// Certificates are read where the vendor's agent reads them.
func TestTrusted(t *testing.T) {
	lib := library(t)
	for _, size := range []int{1, 55, 56, 64, 5000} {
		dir := t.TempDir()
		name := filepath.Join(dir, "dynatrace/oneagent/agent/customkeys/custom.pem")
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		text := bytes.Repeat([]byte("x"), size)
		require.NoError(t, os.WriteFile(name, text, 0o644))
		url, requests := endpoint(t)
		preload(t, lib, []string{"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", "DT_CONNECTION_POINT=" + url, "DT_VAR_CONFIG_DIR=" + dir}, "/bin/true")
		<-requests
		sum := sha256.Sum256(text)
		require.Equal(t, hex.EncodeToString(sum[:]), (<-requests).fields[3], size)
	}
}

// The same library works in a program of the other C library.
func TestCheckInMusl(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "app.c")
	require.NoError(t, os.WriteFile(src, []byte("#include <stdio.h>\nint main(void){puts(\"app\");return 0;}\n"), 0o644))
	app := filepath.Join(dir, "muslapp")
	out, err := exec.Command("musl-gcc", "-o", app, src).CombinedOutput()
	require.NoError(t, err, "%s", out)

	url, requests := endpoint(t)
	printed := preload(t, library(t), []string{"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", "DT_CONNECTION_POINT=" + url}, app)
	require.Equal(t, "app\n", printed)
	require.Len(t, requests, 2)
	<-requests
	require.Equal(t, "muslapp", (<-requests).fields[1])
}

// An environment that is larger than any buffer is read to its end.
func TestALargeEnvironment(t *testing.T) {
	url, requests := endpoint(t)
	env := []string{"LONG=" + strings.Repeat("x", 100_000), "DT_TENANT_OTHER=no", "DT_TENANT=abc", "EMPTY=", "=odd", "DT_TENANTTOKEN=xyz"}
	for range 200 {
		env = append(env, "X="+strings.Repeat("y", 1000))
	}
	preload(t, library(t), append(env, "DT_CONNECTION_POINT="+url), "/bin/true")
	require.Len(t, requests, 2)
	require.Equal(t, "abc", (<-requests).tenant)
}

func TestSilence(t *testing.T) {
	lib := library(t)
	url, requests := endpoint(t)
	point := "DT_CONNECTION_POINT=" + url
	for name, env := range map[string][]string{
		"no tenant":     {"DT_TENANTTOKEN=xyz", point},
		"no token":      {"DT_TENANT=abc", point},
		"no endpoint":   {"DT_TENANT=abc", "DT_TENANTTOKEN=xyz"},
		"switched off":  {"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", point, "DT_AGENTACTIVE=false"},
		"header break":  {"DT_TENANT=abc\r\nX-Other: 1", "DT_TENANTTOKEN=xyz", point},
		"long token":    {"DT_TENANT=abc", "DT_TENANTTOKEN=" + strings.Repeat("x", 5000), point},
		"long endpoint": {"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", point + "/" + strings.Repeat("x", 5000)},
		"longer one":    {"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", point + "/" + strings.Repeat("x", 50000)},
		"all refuse":    {"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", "DT_CONNECTION_POINT=http://127.0.0.1:1/"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, "app\n", preload(t, lib, env, "/bin/echo", "app"))
			require.Empty(t, requests)
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
	out := preload(t, library(t),
		[]string{"DT_TENANT=abc", "DT_TENANTTOKEN=xyz", "DT_CONNECTION_POINT=" + s.URL + ";" + s.URL + ";" + s.URL + ";" + s.URL}, "/bin/echo", "app")
	require.Equal(t, "app\n", out)
	require.Less(t, time.Since(start), 5*time.Second)
}
