// Package verifier runs dt-verify as its users do.
package verifier

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// Exit codes of dt-verify.
const (
	Clean           = 0
	Leak            = 1
	NotInstrumented = 2
)

// Report is what dt-verify says: its exit code, all that it prints, and the
// fields of its JSON.
type Report struct {
	Code      int    `json:"-"`
	Text      string `json:"-"`
	Platforms []struct {
		Platform, By, Mode, Version, Flavor, Config, Start, LDPreload string

		Instrumented bool
		AgentLayer   *struct{ DiffID, Content string }
		Wrong        string `json:"wrongAgentLayer"`
		Technologies []string
		Notes        []string
	}
	Leaks []struct{ Part, Path, Kind, Form, Inside string }
}

// Places returns where values leak, each once.
func (r Report) Places() []string {
	var out []string
	for _, l := range r.Leaks {
		out = append(out, l.Part+" "+l.Path+" "+l.Kind)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Build builds dt-verify as its users have it, and returns the program's path.
func Build(t testing.TB) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "dt-verify")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", name, "./cmd/dt-verify")
	cmd.Dir = testenv.Checkout(t)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return name
}

// Run looks at an image for all that is known of an environment.
func Run(t testing.TB, program string, env *cluster.Environment, args ...string) Report {
	t.Helper()
	secrets := filepath.Join(t.TempDir(), "secrets")
	require.NoError(t, os.WriteFile(secrets, fmt.Appendf(nil, "DT_API_TOKEN=%s\nDT_TENANT=%s\nDT_TENANTTOKEN=%s\nDT_API_URL=%s\nDT_CONNECTION_POINT=%s\n",
		env.APIToken(), env.ID(), env.TenantToken(), env.APIURL(), strings.Join(env.Endpoints(), ";")), 0o600))
	cmd := exec.CommandContext(t.Context(), program, append([]string{"--format=json", "--secret-file", secrets}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	require.True(t, err == nil || errors.As(err, &exit), "%v", err)
	r := Report{Code: cmd.ProcessState.ExitCode(), Text: stdout.String() + stderr.String()}
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &r), "%s", r.Text)
	search.RequireNoSecrets(t, r.Text, env)
	return r
}
