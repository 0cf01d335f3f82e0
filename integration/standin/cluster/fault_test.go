package cluster_test

import (
	"debug/elf"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

func TestStatusFaults(t *testing.T) {
	e := start(t).AddEnvironment()
	for kind, status := range map[cluster.FaultKind]int{
		cluster.FaultUnauthorized: 401, cluster.FaultForbidden: 403, cluster.FaultNotFound: 404,
		cluster.FaultRateLimit: 429, cluster.FaultInternal: 500, cluster.FaultUnavailable: 503, cluster.FaultHTML: 200,
		cluster.FaultBadRequest: 400, cluster.FaultBadGateway: 502, cluster.FaultGatewayTimeout: 504, cluster.FaultNotModified: 304,
	} {
		t.Run(string(kind), func(t *testing.T) {
			e.SetFault(cluster.Fault{Kind: kind, On: []cluster.Endpoint{cluster.EndpointConnectionInfo}, Times: 2})
			for range 2 {
				res, body := get(t, e, "/connectioninfo")
				require.Equal(t, status, res.StatusCode)
				switch kind {
				case cluster.FaultHTML, cluster.FaultBadGateway, cluster.FaultGatewayTimeout:
					require.Contains(t, string(body), "<html>")
				case cluster.FaultNotModified:
					require.Empty(t, body)
				default:
					require.Contains(t, string(body), `{"error":{"code":`+strconv.Itoa(status))
				}
				if kind == cluster.FaultRateLimit {
					reset, err := strconv.ParseInt(res.Header.Get("X-RateLimit-Reset"), 10, 64)
					require.NoError(t, err)
					require.WithinDuration(t, time.Now(), time.UnixMicro(reset), 2*time.Second)
				}
			}
			res, _ := get(t, e, "/connectioninfo")
			require.Equal(t, 200, res.StatusCode, "two times are over")
		})
	}
	e.SetFault(cluster.Fault{Kind: cluster.FaultInternal})
	res, _ := get(t, e, "/versions/unix/paas-sh")
	require.Equal(t, 500, res.StatusCode)
	e.ClearFaults()
	res, _ = get(t, e, "/versions/unix/paas-sh")
	require.Equal(t, 200, res.StatusCode)
}

func TestBodyFaults(t *testing.T) {
	e := start(t).AddEnvironment()
	for _, kind := range []cluster.FaultKind{cluster.FaultTruncated, cluster.FaultCut, cluster.FaultStall} {
		for _, path := range []string{"/connectioninfo", "/unix/paas-sh/latest"} {
			t.Run(string(kind)+path, func(t *testing.T) {
				e.SetFault(cluster.Fault{Kind: kind, Times: 1})
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.APIURL()+agentAPI+path, nil)
				require.NoError(t, err)
				r.Header.Set("Authorization", "Api-Token "+e.APIToken())
				res, err := (&http.Client{Timeout: time.Second}).Do(r)
				require.NoError(t, err)
				defer res.Body.Close()
				body, err := io.ReadAll(res.Body)
				require.Error(t, err)
				require.Len(t, body, int(res.ContentLength/2))
				switch kind {
				case cluster.FaultTruncated:
					require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				case cluster.FaultCut:
					require.ErrorContains(t, err, "reset")
				default:
					require.True(t, os.IsTimeout(err))
				}
			})
		}
	}
}

// faulty downloads an installer that a fault is in.
func faulty(t *testing.T, e *cluster.Environment, kind cluster.FaultKind) cluster.Installer {
	t.Helper()
	e.SetFault(cluster.Fault{Kind: kind, Times: 1})
	res, body := get(t, e, "/unix/paas-sh/latest?skipMetadata=true&include=go")
	require.Equal(t, http.StatusOK, res.StatusCode)
	path := filepath.Join(t.TempDir(), "installer.sh")
	require.NoError(t, os.WriteFile(path, body, 0o600))
	return cluster.Installer{Path: path}
}

func TestInstallerFaults(t *testing.T) {
	e := start(t).AddEnvironment()
	t.Run("script fails", func(t *testing.T) {
		out, err := run(faulty(t, e, cluster.FaultScriptFails).Path, t.TempDir())
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, 7, exit.ExitCode())
		require.Contains(t, out, "Not enough disk space")
	})
	t.Run("no manifest", func(t *testing.T) {
		root := install(t, faulty(t, e, cluster.FaultNoManifest))
		require.NoFileExists(t, filepath.Join(root, "manifest.json"))
	})
	t.Run("bad checksum", func(t *testing.T) {
		require.Len(t, mismatches(t, install(t, faulty(t, e, cluster.FaultBadChecksum))), 1)
	})
	t.Run("wrong arch", func(t *testing.T) {
		root := install(t, faulty(t, e, cluster.FaultWrongArch))
		require.Empty(t, mismatches(t, root))
		f, err := elf.Open(filepath.Join(root, "agent/lib64/liboneagentproc.so"))
		require.NoError(t, err)
		defer f.Close()
		require.Equal(t, elf.EM_AARCH64, f.Machine)
	})
	t.Run("background", func(t *testing.T) {
		path, prefix := faulty(t, e, cluster.FaultBackground).Path, t.TempDir()
		cmd := exec.Command("sh", path, prefix) // no pipe, which the child would hold
		require.NoError(t, cmd.Run())
		log := filepath.Join(prefix, "dynatrace/oneagent/agent/background.log")
		require.Eventually(t, func() bool {
			data, err := os.ReadFile(log)
			return err == nil && strings.Count(string(data), "\n") > 3
		}, 5*time.Second, 50*time.Millisecond)
		// It ends once its folder is gone, which it may write to until then.
		require.Eventually(t, func() bool { return os.RemoveAll(prefix) == nil }, 5*time.Second, 50*time.Millisecond)
	})
}

// The script looks for secrets. Here it is kept in a folder made for it.
func TestSnoop(t *testing.T) {
	if _, err := exec.LookPath("busybox"); err != nil {
		t.Skip("no busybox")
	}
	e := start(t).AddEnvironment()
	path, prefix, root := faulty(t, e, cluster.FaultSnoop).Path, t.TempDir(), t.TempDir()
	for name, content := range map[string]string{
		"run/secrets/DT_API_TOKEN": "first-find", "proc/1/environ": "A=second-find\x00B=b", "home/DT_TENANT": "third-find",
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(content), 0o600))
	}
	cmd := exec.Command("busybox", "sh", path, prefix)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "SNOOP_ROOT=" + root, "GIVEN=fourth-find"}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	kept, err := os.ReadFile(filepath.Join(prefix, "dynatrace/oneagent/agent/found.log"))
	require.NoError(t, err)
	for _, find := range []string{"first-find", "second-find", "third-find", "fourth-find"} {
		require.Contains(t, string(out), find)
		require.Contains(t, string(kept), find)
	}
	require.NotZero(t, e.Count(cluster.EndpointSnoop), "%s", out)
}
