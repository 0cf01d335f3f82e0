package install

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/install/supply"
	"github.com/stretchr/testify/require"
)

const handoverVersion = "1.305.152.20241113-104505"

// honeypot is a cluster that counts what it is asked.
type honeypot struct {
	url  string
	asks atomic.Int32
	// script is the installer.
	script string
}

func newHoneypot(t *testing.T, tenantToken string) *honeypot {
	t.Helper()
	p := &honeypot{script: "#!/bin/sh\nexit 0\n"}
	const base = "/e/abc12345/api/v1/deployment/installer/agent"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/connectioninfo", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"tenantUUID":"abc12345","tenantToken":%q,"communicationEndpoints":["https://one.invalid/communication"]}`, tenantToken)
	})
	mux.HandleFunc("GET "+base+"/unix/paas-sh/latest/metainfo", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"latestAgentVersion":%q}`, handoverVersion)
	})
	mux.HandleFunc("GET "+base+"/unix/paas-sh/version/"+handoverVersion, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, p.script)
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asks.Add(1)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	p.url = srv.URL + "/e/abc12345/api"
	return p
}

func (p *honeypot) secrets() map[string]string {
	return map[string]string{
		agent.SecretAPIURL: p.url, agent.SecretTenant: "abc12345",
		agent.SecretAPIToken: "dt0c01." + rand.Text() + "." + rand.Text(),
	}
}

func secretsDir(t *testing.T, s map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for id, v := range s {
		require.NoError(t, os.WriteFile(filepath.Join(dir, id), []byte(v), 0o400))
	}
	return dir
}

// resolved runs the resolve step, and returns the agent.json that it leaves.
func resolved(t *testing.T, s map[string]string) string {
	t.Helper()
	out := t.TempDir()
	require.NoError(t, resolve(t.Context(), []string{"--out", out, "--secrets", secretsDir(t, s), "--agent", "x86/default"}, io.Discard, io.Discard))
	name := filepath.Join(out, "x86-default", agent.ResolvedFile)
	require.FileExists(t, name)
	return name
}

// runStep runs download or install, and returns its output and its report, if
// it left one.
func runStep(t *testing.T, cmd command, s map[string]string, args ...string) (string, agent.Report, error) {
	t.Helper()
	out := t.TempDir()
	err := cmd(t.Context(), append([]string{"--arch", "x86", "--flavor", "default", "--include", "all",
		"--out", out, "--secrets", secretsDir(t, s)}, args...), io.Discard, io.Discard)
	var report agent.Report
	if err != nil {
		require.NoError(t, readJSON(filepath.Join(out, agent.ReportFile), &report))
	}
	return out, report, err
}

// TestDownload_TakesTheTokenAlone: whatever else a step is given, it goes where
// resolve went. That is why builds can share it.
func TestDownload_TakesTheTokenAlone(t *testing.T) {
	tenantToken := rand.Text()
	honest, hostile := newHoneypot(t, tenantToken), newHoneypot(t, tenantToken)
	own := honest.secrets()
	name := resolved(t, own)
	mixed := map[string]string{
		agent.SecretAPIToken: own[agent.SecretAPIToken],
		agent.SecretAPIURL:   hostile.url,
		agent.SecretTenant:   "other123",
		agent.SecretProxy:    hostile.url,
	}
	out, _, err := runStep(t, download, mixed, "--resolved", name)
	require.NoError(t, err)
	require.Zero(t, hostile.asks.Load())
	require.FileExists(t, filepath.Join(out, agent.InstallerFile))
}

// TestForeign_NothingIsSent: a step that is not given its own build's token, or
// not its way, asks nobody anything.
func TestForeign_NothingIsSent(t *testing.T) {
	honest := newHoneypot(t, rand.Text())
	own := honest.secrets()
	name := resolved(t, own)
	token := own[agent.SecretAPIToken]
	good, _, err := runStep(t, download, map[string]string{agent.SecretAPIToken: token}, "--resolved", name)
	require.NoError(t, err, "control")
	before := honest.asks.Load()

	for what, token := range map[string]string{
		"another token": "dt0c01." + rand.Text() + "." + rand.Text(),
		"nothing":       "",
		"two lines":     token + "\n" + token,
		"binary data":   "\x00\x01",
		"too much":      string(make([]byte, 600<<10)),
	} {
		for step, cmd := range map[string]command{"download": download, "install": install} {
			args := []string{"--resolved", name}
			if step == "install" {
				args = append(args, "--installer", good, "--prefix", t.TempDir(), "--tmp", t.TempDir())
			}
			s := map[string]string{agent.SecretAPIURL: honest.url, agent.SecretTenant: "abc12345", agent.SecretAPIToken: token}
			_, report, err := runStep(t, cmd, s, args...)
			require.ErrorContains(t, err, "this step was given another build's secrets", "%s: %s", step, what)
			require.Equal(t, agent.CauseForeign, report.Cause, "%s: %s", step, what)
			require.NotContains(t, report.Failure, own[agent.SecretAPIToken])
		}
	}
	require.Equal(t, before, honest.asks.Load(), "nobody was asked")

	// BuildKit keys no step by its proxy.
	t.Setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
	_, report, err := runStep(t, download, map[string]string{agent.SecretAPIToken: token}, "--resolved", name)
	require.Error(t, err)
	require.Equal(t, agent.CauseForeign, report.Cause)
	require.Equal(t, before, honest.asks.Load(), "nobody was asked")
}

// TestInstall_OpensNoOtherBuildsDownload: without the API token nobody makes
// what install runs.
func TestInstall_OpensNoOtherBuildsDownload(t *testing.T) {
	honest := newHoneypot(t, rand.Text())
	own, other := honest.secrets(), honest.secrets()
	forged, _, err := runStep(t, download, other, "--resolved", resolved(t, other))
	require.NoError(t, err)
	_, report, err := runStep(t, install, own, "--resolved", resolved(t, own), "--installer", forged, "--prefix", t.TempDir(), "--tmp", t.TempDir())
	require.Error(t, err)
	require.Equal(t, agent.CauseSealed, report.Cause)

	// Nor does it take another environment's links, though the token is the same.
	connection := &supply.Connection{}
	connection.Info.TenantToken = rand.Text()
	dt, err := connection.Seal(own[agent.SecretAPIToken])
	require.NoError(t, err)
	dir, _, err := runStep(t, download, own, "--resolved", resolved(t, own))
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, agent.ConnectionFile)))
	require.NoError(t, os.WriteFile(filepath.Join(dir, agent.ConnectionFile), dt, 0o400))
	_, report, err = runStep(t, install, own, "--resolved", resolved(t, own), "--installer", dir, "--prefix", t.TempDir(), "--tmp", t.TempDir())
	require.ErrorContains(t, err, "the environment's tenant token has changed")
	require.NotContains(t, report.Failure, connection.Info.TenantToken)
}
