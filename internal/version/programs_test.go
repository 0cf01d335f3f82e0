package version_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/org/dt-frontend/internal/version"
	"github.com/stretchr/testify/require"
)

const repository = "../.."

// flags returns the value of a variable that the Dockerfile builds with.
func flags(t *testing.T, name string) string {
	t.Helper()
	dockerfile, err := os.ReadFile(filepath.Join(repository, "Dockerfile"))
	require.NoError(t, err)
	m := regexp.MustCompile(`(?m)^\s+` + name + `="([^"]+)"`).FindSubmatch(dockerfile)
	require.NotNil(t, m, "the Dockerfile has no %s", name)
	return string(m[1])
}

// programs builds programs as the Dockerfile does, in a copy of the sources in a
// directory of its own, and returns the directory that holds them.
func programs(t *testing.T, ldflags string, names ...string) string {
	t.Helper()
	src, out := t.TempDir(), t.TempDir()
	for _, dir := range []string{"cmd", "frontend", "internal", "llb"} {
		require.NoError(t, os.CopyFS(filepath.Join(src, dir), os.DirFS(filepath.Join(repository, dir))))
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		dt, err := os.ReadFile(filepath.Join(repository, file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(src, file), dt, 0o600))
	}
	args := []string{"build", "-ldflags", ldflags, "-o", out + "/"}
	for _, name := range names {
		args = append(args, "./cmd/"+name)
	}
	c := exec.Command("go", args...)
	c.Dir = src
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS="+flags(t, "GOFLAGS"))
	text, err := c.CombinedOutput()
	require.NoError(t, err, "%s", text)
	return out
}

// Two builds of the same sources are the same bytes, wherever the sources lie.
// `hack/image --twice` shows it for the whole image.
func TestPrograms_AreTheSameEachTime(t *testing.T) {
	ldflags := flags(t, "LDFLAGS") + " " + flags(t, "STAMP") + "=v1.2.3"
	names := []string{"dt-start", "dt-install"}
	first, second := programs(t, ldflags, names...), programs(t, ldflags, names...)
	for _, name := range names {
		a, err := os.ReadFile(filepath.Join(first, name))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(second, name))
		require.NoError(t, err)
		require.True(t, string(a) == string(b), "%s differs", name) //nolint:testifylint // they are large
	}
}

// The release that the Dockerfile gives a program is what the program says.
func TestPrograms_SayTheirRelease(t *testing.T) {
	stamped := programs(t, flags(t, "LDFLAGS")+" "+flags(t, "STAMP")+"=v1.2.3", "dt-start")
	require.Equal(t, "dt-start v1.2.3\n", run(t, filepath.Join(stamped, "dt-start")))
	plain := programs(t, flags(t, "LDFLAGS"), "dt-start", "dt-install")
	require.Equal(t, "dt-start devel\n", run(t, filepath.Join(plain, "dt-start"), version.Variable+"=v1.2.3"),
		"what an image's environment says is not the helper's release")
	require.Equal(t, "dt-install v1.2.3\n", run(t, filepath.Join(plain, "dt-install"), version.Variable+"=v1.2.3"))
	require.Equal(t, "dt-install devel\n", run(t, filepath.Join(plain, "dt-install"), version.Variable+"=v1 x"))
}

// run returns what a program's command version prints.
func run(t *testing.T, program string, env ...string) string {
	t.Helper()
	c := exec.Command(program, "version")
	c.Env = env
	text, err := c.Output()
	require.NoError(t, err)
	return string(text)
}
