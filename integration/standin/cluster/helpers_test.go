package cluster_test

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

const agentAPI = "/v1/deployment/installer/agent"

// start runs a server that ends with the test.
func start(t *testing.T) *cluster.Server {
	t.Helper()
	s := cluster.New(cluster.Options{Logf: t.Logf})
	require.NoError(t, s.Start(""))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// get asks the environment's agent API, with its own token unless a header
// says otherwise.
func get(t *testing.T, e *cluster.Environment, path string, header ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.APIURL()+agentAPI+path, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Api-Token "+e.APIToken())
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, body
}

func getJSON(t *testing.T, e *cluster.Environment, path string, into any) {
	t.Helper()
	res, body := get(t, e, path)
	require.Equal(t, http.StatusOK, res.StatusCode, "%s", body)
	require.NoError(t, json.Unmarshal(body, into))
}

// install runs an installer with a shell and returns the tree's root.
func install(t *testing.T, i cluster.Installer, shell ...string) string {
	t.Helper()
	prefix := t.TempDir()
	out, err := run(i.Path, prefix, shell...)
	require.NoError(t, err, "%s", out)
	require.Equal(t, "Installing to "+prefix+"\nUnpacking complete.\n", out)
	return filepath.Join(prefix, "dynatrace", "oneagent")
}

func run(script, prefix string, shell ...string) (string, error) {
	if len(shell) == 0 {
		shell = []string{"sh"}
	}
	cmd := exec.Command(shell[0], append(shell[1:], script, prefix)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// contents are all names, symlink targets and file contents of a tree, by path.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch d.Type() {
		case fs.ModeDir:
			all[rel] = rel
		case fs.ModeSymlink:
			target, err := os.Readlink(path)
			all[rel] = rel + "\x00" + target
			return err
		default:
			data, err := os.ReadFile(path)
			all[rel] = rel + "\x00" + string(data)
			return err
		}
		return nil
	}))
	return all
}
