package integration

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// envRegistry names the variable by which hack/test says where the registry is.
const envRegistry = "DT_TEST_REGISTRY"

// frontendRef returns the name of the frontend image, for syntax lines.
func frontendRef(t testing.TB) string {
	t.Helper()
	return buildx.Frontend(t)
}

// registry returns the address of the registry.
func registry(t testing.TB) string {
	t.Helper()
	frontendRef(t)
	return os.Getenv(envRegistry)
}

// request is one build, as its user would ask for it.
type request struct {
	// dockerfile is the text; SYNTAX in it is the frontend's name. With
	// context set, its own Dockerfile is built instead.
	dockerfile string
	// name is the Dockerfile's.
	name    string
	files   map[string]string
	context string
	secrets map[string]string
	args    []string
	// output is buildx's --output; empty is an OCI archive.
	output string
	// env is the client's, beside the test's own; see [daemon].
	env []string
	// during is called while the build runs.
	during func(*running)
}

// running is a build under way.
type running = buildx.Running

// result is what came of a build.
type result struct {
	// archive is the image's, if it was asked for.
	archive string
	// output is all that the client printed, and stdout a part of it.
	output, stdout string
	took           time.Duration
}

// warned counts the warnings that hold text. The client lists them at the end,
// and prints them where they come too, if their step has not ended by then.
func (r result) warned(text string) int {
	n := 0
	for line := range strings.Lines(r.output) {
		// The first follows the end of a color.
		if strings.HasPrefix(strings.TrimPrefix(line, "\x1b[0m"), " - ") && strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// withSecrets returns the secrets of an environment by id.
func withSecrets(env *cluster.Environment) map[string]string {
	return map[string]string{
		"DT_API_URL":   env.APIURL(),
		"DT_API_TOKEN": env.APIToken(),
		"DT_TENANT":    env.ID(),
	}
}

// build runs a build that has to work.
func build(t testing.TB, r request) result {
	t.Helper()
	res, err := tryBuild(t, r)
	require.NoError(t, err, "%s", res.output)
	return res
}

// buildFails runs a build that must not work, and leave no image.
func buildFails(t testing.TB, r request) result {
	t.Helper()
	res, err := tryBuild(t, r)
	require.Error(t, err, "%s", res.output)
	if res.archive != "" {
		require.NoFileExists(t, res.archive, "a build that fails leaves no image")
	}
	return res
}

// tryBuild runs `buildx build`.
func tryBuild(t testing.TB, r request) (result, error) {
	t.Helper()
	res, err := buildx.Try(t, buildx.Request{
		Dockerfile: r.dockerfile, Name: r.name, Files: r.files, Context: r.context,
		Secrets: r.secrets, Args: r.args, Output: r.output, Env: r.env, During: r.during,
	})
	return result{archive: res.Archive, output: res.Output, stdout: res.Stdout, took: res.Took}, err
}

// image opens the image of a result.
func (r result) image(t testing.TB) *oci.Image {
	t.Helper()
	layout := r.layout(t)
	img, err := layout.Image("")
	require.NoError(t, err)
	return img
}

func (r result) layout(t testing.TB) *oci.Layout {
	t.Helper()
	layout, err := oci.Open(r.archive)
	require.NoError(t, err)
	t.Cleanup(func() { layout.Close() })
	return layout
}

// unpack returns the image's root file system.
func (r result) unpack(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, r.image(t).Unpack(t.Context(), dir))
	return dir
}

// newCluster starts a stand-in cluster for one test.
func newCluster(t testing.TB) *cluster.Server {
	t.Helper()
	srv := cluster.New(cluster.Options{})
	require.NoError(t, srv.Start(""))
	t.Cleanup(func() { srv.Close() })
	t.Logf("stand-in cluster with seed %d", srv.Seed())
	return srv
}

// newEnvironment starts a cluster with one environment.
func newEnvironment(t testing.TB, opts ...cluster.EnvironmentOption) *cluster.Environment {
	t.Helper()
	return newCluster(t).AddEnvironment(opts...)
}

// figure prints a measured value, for people: machines are too noisy to assert
// on it.
func figure(format string, args ...any) {
	fmt.Printf("figure: "+format+"\n", args...)
}

// smallApp is the smallest app there is to build many times.
const smallApp = "# syntax=SYNTAX\nFROM busybox:1.37-musl\nCMD [\"true\"]\n"

// debianApp is the smallest app on a base image.
const debianApp = "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCMD [\"true\"]\n"
