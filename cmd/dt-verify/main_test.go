package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

// noEnv is an environment without variables.
func noEnv(string) string { return "" }

// outcome is what a run left.
type outcome struct {
	code           int
	stdout, stderr string
}

func dtVerify(t *testing.T, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(args, noEnv, &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// report returns what a run reports as JSON.
func (o outcome) report(t *testing.T) *verify.Report {
	t.Helper()
	var r verify.Report
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r), "%s%s", o.stdout, o.stderr)
	return &r
}

// secretsFile writes the secrets as a file of many.
func secretsFile(t *testing.T, s leaky.Secrets) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# an environment\n\n")
	for id, value := range s.All() {
		b.WriteString(id + "=" + value + "\n")
	}
	name := filepath.Join(t.TempDir(), "secrets")
	require.NoError(t, os.WriteFile(name, []byte(b.String()), 0o600))
	return name
}

// requireNoSecret fails where a text holds a value.
func requireNoSecret(t *testing.T, s leaky.Secrets, text string) {
	t.Helper()
	for id, value := range s.All() {
		require.NotContains(t, strings.ToLower(text), strings.ToLower(value), "%s is in what was printed", id)
	}
}

func written(t *testing.T, img *leaky.Image) string {
	t.Helper()
	name, err := img.Write(t.TempDir())
	require.NoError(t, err)
	return name
}

func TestEveryBadImageIsFound(t *testing.T) {
	s := leaky.NewSecrets()
	secrets := secretsFile(t, s)
	for _, img := range leaky.Bad(s) {
		t.Run(img.Name, func(t *testing.T) {
			name := written(t, img)
			args := []string{name, "--format", "json"}
			if img.NeedsValue {
				out := dtVerify(t, args...)
				require.Equal(t, exitClean, out.code, "there is nothing to know it by: %s%s", out.stdout, out.stderr)
				args = append(args, "--secret-file", secrets)
			}
			out := dtVerify(t, args...)
			require.Equal(t, exitLeak, out.code, "%s%s", out.stdout, out.stderr)
			requireFound(t, img, out.report(t))
			requireNoSecret(t, s, out.stdout+out.stderr)
		})
	}
}

// requireFound fails unless a report names an image's leak, and no other place.
func requireFound(t *testing.T, img *leaky.Image, r *verify.Report) {
	t.Helper()
	require.NotEmpty(t, r.Leaks)
	kinds := map[string]bool{}
	for _, l := range r.Leaks {
		require.Equal(t, img.Part, string(l.Part))
		require.Equal(t, img.Place, l.Path)
		require.NotEmpty(t, l.Digest)
		require.NotEmpty(t, l.Form)
		require.Equal(t, img.Part == "layer", l.Layer != nil)
		kinds[l.Kind] = true
	}
	require.Contains(t, kinds, img.Leak)
	for _, p := range r.Platforms {
		require.True(t, p.Instrumented, "what leaks may be instrumented all the same")
	}
}
