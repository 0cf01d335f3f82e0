package daemon

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/testenv"
)

// maxLastWords bounds what is shown of a log, in bytes.
const maxLastWords = 4 << 10

// builder is the name by which buildx knows the daemon.
const builder = "own"

// Options say what a daemon is to be like.
type Options struct {
	// Registry is the address of a plain-HTTP registry that stands in front of
	// Docker Hub, by default the one that all tests share.
	Registry string
	// Debug lets it log all that it does.
	Debug bool
	// Network is how its steps reach one, by default "host".
	Network string
	// Snapshotter keeps its storage, by default as in hack/up.
	Snapshotter string
	// Worker and Top are further lines of its settings: in the worker's section
	// and at the top.
	Worker, Top string
}

// Daemon is a buildkitd, whether it runs or not.
type Daemon struct {
	t       testing.TB
	dir     string
	process *process
	offline bool
}

// New starts a daemon, from the buildkitd in PATH, that nobody else uses. It
// ends with the test, and its folder is removed.
func New(t testing.TB, o Options) *Daemon {
	t.Helper()
	if o.Registry == "" {
		o.Registry = testenv.Registry(t)
	}
	dir, err := os.MkdirTemp("", "bk") //nolint:usetesting // the test's own is too long a path for a socket's
	require.NoError(t, err)
	d := &Daemon{t: t, dir: dir}
	t.Cleanup(func() {
		d.Kill()
		if t.Failed() {
			t.Logf("the last words of buildkitd:\n%s", d.lastWords())
		}
		require.NoError(t, unmountBelow(dir))
		require.NoError(t, os.RemoveAll(dir))
	})
	require.NoError(t, os.Mkdir(d.in("tmp"), 0o700))
	require.NoError(t, os.WriteFile(d.in("buildkitd.toml"), d.config(o), 0o600))
	d.Start()
	d.run("buildx", "create", "--name", builder, "--driver", "remote", d.Address())
	return d
}

// Start starts a daemon that was ended, with all that it has kept.
func (d *Daemon) Start() {
	d.t.Helper()
	p, err := start(d.in("buildkitd.log"), d.offline, append(os.Environ(), "TMPDIR="+d.in("tmp")),
		"buildkitd", "--config", d.in("buildkitd.toml"))
	require.NoError(d.t, err)
	d.process = p
	require.Eventually(d.t, func() bool {
		ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
		defer cancel()
		return p.ended() || d.Command(ctx, "buildctl", "debug", "workers").Run() == nil
	}, 2*time.Minute, 50*time.Millisecond, "buildkitd does not answer")
	require.False(d.t, p.ended(), "buildkitd has ended: %s", bytes.TrimSpace(d.Log()))
}

// GoOffline restarts the daemon with all that it has kept, and without any
// network: its clients alone still reach it.
func (d *Daemon) GoOffline() {
	d.t.Helper()
	d.Stop()
	d.offline = true
	d.Start()
}

// Stop asks the daemon to end, and waits until it has.
func (d *Daemon) Stop() {
	d.t.Helper()
	require.NoError(d.t, d.process.stop())
}

// Kill ends the daemon and its steps at once, as for a machine that loses its
// power.
func (d *Daemon) Kill() {
	if d.process != nil {
		d.process.kill()
		killSteps(d.dir)
	}
}

// Address is where it is reached, as in BUILDKIT_HOST.
func (d *Daemon) Address() string { return "unix://" + d.in("sock") }

// Dir holds all that the daemon has: its root, scratch files, log and settings.
func (d *Daemon) Dir() string { return d.dir }

// Root is the folder that it keeps its storage in.
func (d *Daemon) Root() string { return d.in("root") }

// Env are the variables by which buildx and buildctl reach the daemon.
func (d *Daemon) Env() []string {
	return []string{"BUILDKIT_HOST=" + d.Address(), "BUILDX_CONFIG=" + d.in("buildx"), "BUILDX_BUILDER=" + builder}
}

// Log returns what it has logged so far, in all its lives.
func (d *Daemon) Log() []byte {
	d.t.Helper()
	dt, err := os.ReadFile(d.in("buildkitd.log"))
	require.NoError(d.t, err)
	return dt
}

// lastWords are the end of its log.
func (d *Daemon) lastWords() []byte {
	log := d.Log()
	return log[max(0, len(log)-maxLastWords):]
}

func (d *Daemon) in(name string) string { return filepath.Join(d.dir, name) }

// Command returns one of a client, such as buildx, that reaches the daemon.
func (d *Daemon) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), d.Env()...)
	return cmd
}

func (d *Daemon) run(name string, args ...string) {
	d.t.Helper()
	out, err := d.Command(d.t.Context(), name, args...).CombinedOutput()
	require.NoError(d.t, err, "%s", out)
}
