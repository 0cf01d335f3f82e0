package real

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/oneagent"
	"github.com/org/dt-frontend/integration/standin/leaky"
)

// envGood has the OCI layouts of good images, one a line.
const envGood = "DT_TEST_GOOD"

// leastGood is how many good images there have to be, so that the test does not
// pass for want of any.
const leastGood = 30

// TestGoodImages_HaveNoLeak searches distributions, language runtimes and the
// vendor's agents as they are, without an environment, by the forms of tokens and
// for the values of one.
func TestGoodImages_HaveNoLeak(t *testing.T) {
	modules := modulesOf(t)
	targets := make(map[string]string)
	for _, dir := range strings.Fields(os.Getenv(envGood)) {
		targets[filepath.Base(dir)] = "oci-layout://" + dir
	}
	agents, err := oneagent.Open(modules)
	require.NoError(t, err)
	for _, a := range agents {
		targets["agent "+a.Name] = filepath.Join(modules, "oneagent-"+a.Name)
	}
	require.GreaterOrEqual(t, len(targets), leastGood)
	program := buildVerify(t)
	secrets := filepath.Join(t.TempDir(), "secrets")
	var values strings.Builder
	for id, value := range leaky.NewSecrets().All() {
		fmt.Fprintf(&values, "%s=%s\n", id, value)
	}
	require.NoError(t, os.WriteFile(secrets, []byte(values.String()), 0o600))
	for name, target := range targets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, leaksOf(t, program, target, "--secret-file", secrets))
		})
	}
	t.Run("control: a value that an image has", func(t *testing.T) {
		t.Parallel()
		for name, target := range targets {
			if !strings.HasPrefix(name, "debian-") {
				continue
			}
			control := filepath.Join(t.TempDir(), "control")
			require.NoError(t, os.WriteFile(control, []byte("CONTROL=https://bugs.debian.org/\n"), 0o600))
			require.NotEmpty(t, leaksOf(t, program, target, "--secret-file", control))
			return
		}
		t.Fatal("there is no image of Debian")
	})
}

// leaksOf returns what dt-verify finds in an image, which it must read to its end.
func leaksOf(t *testing.T, program, target string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append(args, "--format=json", target)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	require.True(t, err == nil || errors.As(err, &exit), "%v", err)
	var report struct {
		Leaks []struct{ Kind, Form, Place string }
	}
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &report), "%s%s", &stdout, &stderr)
	var leaks []string
	for _, l := range report.Leaks {
		leaks = append(leaks, fmt.Sprintf("%s (%s) in %s", l.Kind, l.Form, l.Place))
	}
	// 2 says that an image is not instrumented, 1 that there is a leak.
	require.Contains(t, map[bool][]int{true: {0, 2}, false: {1}}[len(leaks) == 0], cmd.ProcessState.ExitCode(), "%s", &stderr)
	return leaks
}
