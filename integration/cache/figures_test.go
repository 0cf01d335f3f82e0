package cache

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

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/figure"
	"github.com/org/dt-frontend/integration/harness/registry"
	"github.com/org/dt-frontend/integration/harness/tenant"
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
	env := tenant.New(t, cluster.WithFiller(size))
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
func TestFigure_FirstBuild(t *testing.T) {
	stamp := int(time.Now().UnixNano())
	app := buildx.Build(t, buildx.Request{Dockerfile: slowApp("", stamp)}).Took
	env := prepared(t, installerSize)
	alone := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)}).Took
	require.Equal(t, 1, tenant.Downloads(env))
	env = prepared(t, installerSize)
	both := buildx.Build(t, buildx.Request{Dockerfile: slowApp("# syntax=SYNTAX\n", stamp+1), Secrets: tenant.Secrets(env)}).Took
	require.Equal(t, 1, tenant.Downloads(env))
	slower := max(app, alone)
	figure.Print("first build, installer of %d MB: app alone %.2f s, agent alone %.2f s, together %.2f s: %.0f %% of the slower",
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
	c.address = registry.Watch(t, func(r *http.Request) {
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
func TestFigure_FurtherApp(t *testing.T) {
	env := prepared(t, installerSize)
	counter := newPushCounter(t)
	to := func(name string) string {
		return "type=image,push=true,name=" + counter.address + "/" + name + ":" + env.ID()
	}
	app := func(syntax string, n int) string {
		return fmt.Sprintf("%sFROM debian:bookworm-slim\nRUN echo %s-%d > /app\nCMD [\"true\"]\n", syntax, env.ID(), n)
	}
	first := counter.bytes.Load()
	buildx.Build(t, buildx.Request{Dockerfile: app("# syntax=SYNTAX\n", 0), Secrets: tenant.Secrets(env), Output: to("app")})
	first = counter.bytes.Load() - first
	require.Greater(t, first, int64(installerSize)/2, "control: the first push moves the agent")

	const n = 5
	var plain, ours []time.Duration
	var pushed int64
	for i := range n {
		plain = append(plain, buildx.Build(t, buildx.Request{Dockerfile: app("", 100+i), Output: to("app")}).Took)
		before := counter.bytes.Load()
		ours = append(ours, buildx.Build(t, buildx.Request{Dockerfile: app("# syntax=SYNTAX\n", 200+i), Secrets: tenant.Secrets(env), Output: to("app")}).Took)
		pushed = max(pushed, counter.bytes.Load()-before)
	}
	require.Equal(t, 1, tenant.Downloads(env))
	require.Less(t, pushed, int64(100_000), "a further app pushes its own layers, manifest and config only")
	figure.Print("a further app: %.2f s over the plain build's %.2f s (medians of %d); %d bytes pushed, none of them the agent's; the first push moved %d",
		(median(ours) - median(plain)).Seconds(), median(plain).Seconds(), n, pushed, first)
}

// A rebuild with nothing changed.
func TestFigure_Rebuild(t *testing.T) {
	env := prepared(t, 0)
	const n = 5
	var plain, ours []time.Duration
	for range n {
		plain = append(plain, buildx.Build(t, buildx.Request{Dockerfile: "FROM debian:bookworm-slim\nCMD [\"true\"]\n", Output: "type=cacheonly"}).Took)
		ours = append(ours, buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: tenant.Secrets(env), Output: "type=cacheonly"}).Took)
	}
	figure.Print("a rebuild with nothing changed: %.2f s, the plain one %.2f s (medians of %d)", median(ours).Seconds(), median(plain).Seconds(), n)
}

// The start helper in front of an app, with the details given.
func TestFigure_Start(t *testing.T) {
	env := tenant.New(t)
	root := buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: tenant.Secrets(env)}).Unpack(t)
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
	figure.Print("dt-start: %.2f ms over a direct exec's %.2f ms (medians of %d); %.2f MB",
		1e3*(median(ours)-median(direct)).Seconds(), 1e3*median(direct).Seconds(), n, float64(st.Size())/1e6)
}
