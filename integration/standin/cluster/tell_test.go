package cluster_test

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

func TestAnInstallerThatTells(t *testing.T) {
	e := start(t).AddEnvironment()
	for kind, code := range map[cluster.FaultKind]int{cluster.FaultTells: 0, cluster.FaultTellsAndFails: 9} {
		t.Run(string(kind), func(t *testing.T) {
			prefix := t.TempDir()
			cmd := exec.Command("sh", faulty(t, e, kind).Path, prefix)
			out, _ := cmd.CombinedOutput()
			require.Equal(t, code, cmd.ProcessState.ExitCode(), "%s", out)
			for _, s := range e.Secrets() {
				require.Contains(t, string(out), s.Value)
				require.Contains(t, string(out), hex.EncodeToString([]byte(s.Value)))
			}
			for _, place := range cluster.PlantedPaths {
				text := told(t, filepath.Join(prefix, "dynatrace/oneagent", place))
				require.True(t, strings.Contains(text, e.APIToken()) || strings.Contains(text, e.TenantToken()), place)
			}
		})
	}
}

// told reads what stands at a place, whatever that is.
func told(t *testing.T, name string) string {
	t.Helper()
	if target, err := os.Readlink(name); err == nil {
		return target
	}
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	var r io.Reader = f
	if filepath.Ext(name) == ".gz" {
		r, err = gzip.NewReader(f)
		require.NoError(t, err)
	}
	dt, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(dt)
}

func TestAnErrorThatQuotes(t *testing.T) {
	e := start(t).AddEnvironment()
	e.SetFault(cluster.Fault{Kind: cluster.FaultEcho})
	res, body := get(t, e, "/connectioninfo")
	require.Equal(t, http.StatusBadRequest, res.StatusCode)
	require.Contains(t, string(body), e.APIToken())
	require.Contains(t, string(body), hex.EncodeToString([]byte(e.APIToken())))
	require.Contains(t, string(body), "/e/"+e.ID()+"/api")
}
