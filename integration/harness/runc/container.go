package runc

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// EnvBinary names the variable with the path of runc. Without it runc is looked
// for on PATH.
const EnvBinary = "DT_RUNC"

const (
	// drained bounds the wait for output once the container has ended.
	drained = 5 * time.Second
	// poll is how often a starting container is looked at.
	poll = 5 * time.Millisecond
)

// Container is one that was started.
type Container struct {
	id      string
	dir     string // the bundle, and the runtime's state
	pid     int
	started time.Time
	stdout  output
	stderr  output
	done    chan struct{} // closed once waitErr is set
	waitErr error
}

// Run starts a container. It returns once the app's own process runs, or with
// the runtime's reason why it does not. Ending ctx kills the container. Whoever
// calls it must call Delete in the end.
func Run(ctx context.Context, spec Spec) (*Container, error) {
	dir, err := os.MkdirTemp("", "dt-runc-")
	if err != nil {
		return nil, fmt.Errorf("running a container: %w", err)
	}
	c := &Container{id: rand.Text(), dir: dir, done: make(chan struct{})}
	c.stdout.next, c.stderr.next = spec.Streams.Stdout, spec.Streams.Stderr
	if err := c.start(ctx, spec); err != nil {
		return nil, errors.Join(fmt.Errorf("running a container: %w", err), c.Delete())
	}
	return c, nil
}

func (c *Container) start(ctx context.Context, spec Spec) error {
	if err := spec.writeBundle(ctx, c.dir, c.id); err != nil {
		close(c.done)
		return fmt.Errorf("writing its bundle: %w", err)
	}
	// runc stays as the parent, hands on the streams and ends with the app's
	// exit code.
	cmd := c.command(ctx, "run", "--bundle", c.dir, "--pid-file", c.pidFile(), c.id)
	cmd.Stdout, cmd.Stderr = &c.stdout, &c.stderr
	cmd.Cancel = func() error { return c.Signal(syscall.SIGKILL) }
	cmd.WaitDelay = drained
	// A terminal's Ctrl-C is the caller's to hand on.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	startWithDefaults()
	c.started = time.Now()
	if err := cmd.Start(); err != nil {
		close(c.done)
		return err
	}
	go func() {
		c.waitErr = cmd.Wait()
		close(c.done)
	}()
	return c.awaitPid()
}

// awaitPid waits for the file that runc writes when the app's process is there.
func (c *Container) awaitPid() error {
	for {
		ended := c.ended()
		data, err := os.ReadFile(c.pidFile())
		if err == nil && len(data) > 0 {
			c.pid, err = strconv.Atoi(strings.TrimSpace(string(data)))
			return err
		}
		if ended {
			return fmt.Errorf("%w: %s", c.waitErr, strings.TrimSpace(c.stderr.String()))
		}
		time.Sleep(poll)
	}
}

func (c *Container) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// command prepares runc with a state folder of this container's own.
func (c *Container) command(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, binary(), append([]string{"--root", filepath.Join(c.dir, "state")}, args...)...)
}

func binary() string { return cmp.Or(os.Getenv(EnvBinary), "runc") }

func (c *Container) pidFile() string { return filepath.Join(c.dir, "pid") }

// Pid returns the id that the app's process has outside the container.
func (c *Container) Pid() int { return c.pid }

// Started returns when runc was started.
func (c *Container) Started() time.Time { return c.started }

// Signal sends a signal to the container's first process.
func (c *Container) Signal(sig syscall.Signal) error {
	return c.runtime("kill", c.id, strconv.Itoa(int(sig)))
}

// Wait waits for the app's end and returns its exit code, which is 128 and the
// signal's number when one ended it.
func (c *Container) Wait() (int, error) {
	<-c.done
	var exit *exec.ExitError
	if errors.As(c.waitErr, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	if c.waitErr != nil {
		return -1, fmt.Errorf("waiting for a container: %w", c.waitErr)
	}
	return 0, nil
}

// Done is closed when the app has ended.
func (c *Container) Done() <-chan struct{} { return c.done }

// Exec runs a command inside the running container, as HEALTHCHECK does, and
// returns its output.
func (c *Container) Exec(ctx context.Context, args ...string) (string, error) {
	out, err := c.command(ctx, append([]string{"exec", c.id}, args...)...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("running %s in a container: %w", args[0], err)
	}
	return string(out), nil
}

// Stdout returns what the app has written so far.
func (c *Container) Stdout() string { return c.stdout.String() }

// Stderr returns what the app has written so far.
func (c *Container) Stderr() string { return c.stderr.String() }

// Delete kills what still runs and removes all but the root file system. It
// may be called more than once.
func (c *Container) Delete() error {
	if !c.ended() {
		if err := c.runtime("delete", "--force", c.id); err != nil {
			return fmt.Errorf("deleting a container: %w", err)
		}
		<-c.done
	}
	return os.RemoveAll(c.dir)
}

// runtime calls runc and puts what it complains about into the error.
func (c *Container) runtime(args ...string) error {
	// Not bound to the context of Run, which may have ended: this is how.
	cmd := c.command(context.Background(), args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("runc %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return nil
}
