package integration

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// installerSize is that of an installer to be measured with, in bytes.
const installerSize = 200_000_000

// median returns the middle one.
func median(list []time.Duration) time.Duration {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// prepared returns an environment whose installer is made already, so that
// making it is not measured.
func prepared(t testing.TB, size int64) *cluster.Environment {
	t.Helper()
	env := newEnvironment(t, cluster.WithFiller(size))
	_, err := env.Installer(cluster.Spec{
		Version: cluster.DefaultTarget, Arch: "x86", Flavor: "default",
		Type: cluster.TypePaaSScript, Bitness: "64", Include: []string{"all"}, SkipMetadata: true,
	})
	require.NoError(t, err)
	return env
}

// slowApp takes some seconds of its own; n makes it another app each time.
func slowApp(syntax string, n int) string {
	return fmt.Sprintf("%sFROM debian:bookworm-slim\nRUN sleep 3 && head -c 30000000 /dev/urandom > /data-%d\nCMD [\"true\"]\n", syntax, n)
}

// The first build: the agent comes while the app is built.
func TestFigureFirstBuild(t *testing.T) {
	stamp := int(time.Now().UnixNano())
	app := build(t, request{dockerfile: slowApp("", stamp)}).took
	env := prepared(t, installerSize)
	alone := build(t, request{dockerfile: smallApp, secrets: withSecrets(env)}).took
	require.Equal(t, 1, installers(env))
	env = prepared(t, installerSize)
	both := build(t, request{dockerfile: slowApp("# syntax=SYNTAX\n", stamp+1), secrets: withSecrets(env)}).took
	require.Equal(t, 1, installers(env))
	slower := max(app, alone)
	figure("first build, installer of %d MB: app alone %.2f s, agent alone %.2f s, together %.2f s: %.0f %% of the slower",
		installerSize/1_000_000, app.Seconds(), alone.Seconds(), both.Seconds(), 100*both.Seconds()/slower.Seconds())
}

// pushCounter is the registry, and counts what is sent to it.
type pushCounter struct {
	address string
	bytes   atomic.Int64
}

func newPushCounter(t testing.TB) *pushCounter {
	t.Helper()
	c := &pushCounter{}
	c.address = watchedRegistry(t, func(r *http.Request) {
		if r.Body != nil {
			r.Body = &countingBody{r.Body, &c.bytes}
		}
	})
	return c
}

type countingBody struct {
	io.ReadCloser
	n *atomic.Int64
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n.Add(int64(n))
	return n, err
}

// Each further app: nothing of the agent moves.
func TestFigureFurtherApp(t *testing.T) {
	env := prepared(t, installerSize)
	counter := newPushCounter(t)
	to := func(name string) string {
		return "type=image,push=true,name=" + counter.address + "/" + name + ":" + env.ID()
	}
	app := func(syntax string, n int) string {
		return fmt.Sprintf("%sFROM debian:bookworm-slim\nRUN echo %s-%d > /app\nCMD [\"true\"]\n", syntax, env.ID(), n)
	}
	first := counter.bytes.Load()
	build(t, request{dockerfile: app("# syntax=SYNTAX\n", 0), secrets: withSecrets(env), output: to("app")})
	first = counter.bytes.Load() - first
	require.Greater(t, first, int64(installerSize)/2, "control: the first push moves the agent")

	const n = 5
	var plain, ours []time.Duration
	var pushed int64
	for i := range n {
		plain = append(plain, build(t, request{dockerfile: app("", 100+i), output: to("app")}).took)
		before := counter.bytes.Load()
		ours = append(ours, build(t, request{dockerfile: app("# syntax=SYNTAX\n", 200+i), secrets: withSecrets(env), output: to("app")}).took)
		pushed = max(pushed, counter.bytes.Load()-before)
	}
	require.Equal(t, 1, installers(env))
	require.Less(t, pushed, int64(100_000), "a further app pushes its own layers, manifest and config only")
	figure("a further app: %.2f s over the plain build's %.2f s (medians of %d); %d bytes pushed, none of them the agent's; the first push moved %d",
		(median(ours) - median(plain)).Seconds(), median(plain).Seconds(), n, pushed, first)
}

// A rebuild with nothing changed.
func TestFigureRebuild(t *testing.T) {
	env := prepared(t, 0)
	const n = 5
	var plain, ours []time.Duration
	for range n {
		plain = append(plain, build(t, request{dockerfile: "FROM debian:bookworm-slim\nCMD [\"true\"]\n", output: "type=cacheonly"}).took)
		ours = append(ours, build(t, request{dockerfile: debianApp, secrets: withSecrets(env), output: "type=cacheonly"}).took)
	}
	figure("a rebuild with nothing changed: %.2f s, the plain one %.2f s (medians of %d)", median(ours).Seconds(), median(plain).Seconds(), n)
}

// The start helper in front of an app, with the details given.
func TestFigureStart(t *testing.T) {
	env := newEnvironment(t)
	root := build(t, request{dockerfile: debianApp, secrets: withSecrets(env)}).unpack(t)
	st, err := os.Stat(filepath.Join(root, "opt/dynatrace/dt-start"))
	require.NoError(t, err)
	require.LessOrEqual(t, st.Size(), int64(8_000_000))

	const library = "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so"
	// Both ways load the agent; an endpoint that it does not speak to keeps its
	// check-in out of the measurement.
	details := []string{"DT_TENANT=x", "DT_TENANTTOKEN=y", "DT_CONNECTION_POINT=https://agent.invalid/communication"}
	start := func(env []string, args ...string) time.Duration {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = env
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
		cmd.Dir = "/"
		begin := time.Now()
		require.NoError(t, cmd.Run())
		return time.Since(begin)
	}
	const n = 200
	var direct, ours []time.Duration
	for range n {
		direct = append(direct, start(append(slices.Clone(details), "LD_PRELOAD="+library), "/bin/true"))
		ours = append(ours, start(details, "/opt/dynatrace/dt-start", "--", "/bin/true"))
	}
	figure("dt-start: %.2f ms over a direct exec's %.2f ms (medians of %d); %.2f MB",
		1e3*(median(ours)-median(direct)).Seconds(), 1e3*median(direct).Seconds(), n, float64(st.Size())/1e6)
}
