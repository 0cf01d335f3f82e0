package buildx

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// Small apps that tests build many times.
const (
	// SmallApp is the smallest app there is.
	SmallApp = "# syntax=SYNTAX\nFROM busybox:1.37-musl\nCMD [\"true\"]\n"
	// DebianApp is the smallest app on a base image.
	DebianApp = "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCMD [\"true\"]\n"
)

// Named puts the frontend's name in the place of SYNTAX in a Dockerfile.
func Named(t testing.TB, dockerfile string) string {
	t.Helper()
	return strings.ReplaceAll(dockerfile, "SYNTAX", testenv.Frontend(t))
}

// Options returns the arguments that set our options by the build arg.
func Options(text string) []string {
	return []string{"--build-arg", "DYNATRACE=" + text}
}

// Build runs a build that has to work.
func Build(t testing.TB, r Request) Result {
	t.Helper()
	res, err := Try(t, r)
	require.NoError(t, err, "%s", res.Output)
	return res
}

// Fails runs a build that must not work, and must leave no image.
func Fails(t testing.TB, r Request) Result {
	t.Helper()
	res, err := Try(t, r)
	require.Error(t, err, "%s", res.Output)
	if res.Archive != "" {
		require.NoFileExists(t, res.Archive, "a build that fails leaves no image")
	}
	return res
}

// Call runs `buildx build --call` without secrets, and parses what it prints. It
// returns the exit code.
func Call(t testing.TB, method, dockerfile string, v any, args ...string) (Result, int) {
	t.Helper()
	r, err := Try(t, Request{
		Dockerfile: dockerfile,
		Files:      map[string]string{"greeting": "hello"},
		Args:       append([]string{"--call=" + method + ",format=json"}, args...),
		Output:     "type=cacheonly",
	})
	require.NoError(t, json.Unmarshal([]byte(r.Stdout), v), "%s", r.Stdout)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return r, exit.ExitCode()
	}
	require.NoError(t, err, r.Output)
	return r, 0
}
