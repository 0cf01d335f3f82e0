package installer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
	"github.com/org/dt-frontend/internal/untrusted/uname"
	"golang.org/x/sys/unix"
)

// User is the uid and gid that the installer runs as: nobody.
const User = 65534

const (
	// timeout bounds an installer that works, or seems to: one that hangs ends
	// after [MaxIdle]. Unpacking a gigabyte takes seconds, and on a disk that
	// writes a megabyte a second less than this.
	timeout = 30 * time.Minute
	// maxOutput is how much of its output is kept for an error: the end.
	maxOutput = 8 << 10
)

// Error is an installer that failed.
type Error struct {
	reason string
	// Advice says what to do about it, if that is known.
	Advice string
	// Output is the end of what the installer printed. It may hold anything.
	Output string
}

// Error says why, without the output.
func (e *Error) Error() string { return e.reason }

// LastLine returns the last line of the output, which says most.
func (e *Error) LastLine() string { return lastLine(e.Output) }

// Run lets a script install below its prefix. That folder and the one for
// scratch files are given to [User] for the time.
func Run(ctx context.Context, c Call) error {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	ctx, guard, err := watch(ctx, c.Prefix, c.Tmp)
	if err != nil {
		return err
	}
	defer guard.stop()
	for _, dir := range []string{c.Prefix, c.Tmp} {
		if err := os.Chown(dir, User, User); err != nil {
			return fmt.Errorf("giving %s to the installer: %w", dir, err)
		}
	}
	out := &tailBuffer{max: maxOutput}
	cmd := command(ctx, c, out)
	cmd.Env = append(cmd.Env, "PATH=/bin", "USER=nobody")
	if c.Machine != "" {
		cmd.Env = append(cmd.Env, uname.Variable+"="+c.Machine)
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: User, Gid: User}
	if err := adopt(); err != nil {
		return err
	}
	// For this process too, which needs no more.
	if err := limit(0, append(limits, rlimit{unix.RLIMIT_NPROC, maxProcesses})); err != nil {
		return err
	}
	guard.expect(c.idleLimit(), out)
	guard.start(ctx)
	err = onOneThread(cmd, confine, nil)
	if kerr := killRest(); kerr != nil {
		return kerr
	}
	if cerr := os.Chown(c.Prefix, 0, 0); cerr != nil {
		return fmt.Errorf("taking %s back from the installer: %w", c.Prefix, cerr)
	}
	return result(ctx, err, guard, c, out)
}

var errTimeout = errors.New("installer timeout")

// command is the installer's in what all that run it share: nothing of our
// environment or our terminal, a group of its own, and no life without us.
func command(ctx context.Context, c Call, out *tailBuffer) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/bin/sh", c.args()...)
	cmd.Dir = c.Tmp
	cmd.Env = []string{"HOME=" + c.Tmp, "TMPDIR=" + c.Tmp, "LANG=C"}
	cmd.Stdout, cmd.Stderr = out, out
	// All of it at once: who is left would keep the output open.
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	// One that asks a person would wait for ever: it has a session, too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// result says what became of the installer.
func result(ctx context.Context, err error, g *guard, c Call, out *tailBuffer) error {
	var (
		exit    *exec.ExitError
		refused *foreign.Error
	)
	switch {
	case errors.As(context.Cause(ctx), &refused):
		return refused
	case errors.Is(context.Cause(ctx), errTimeout):
		return &Error{reason: fmt.Sprintf("the installer was not done after %s", timeout), Output: out.String()}
	case errors.Is(context.Cause(ctx), errIdle):
		return &Error{reason: fmt.Sprintf("the installer hung: it gave no sign of life for %s", c.idleLimit()), Output: out.String()}
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return c.failed(fmt.Sprintf("the installer failed (%s)", exit.ProcessState), exit.ExitCode(), out)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return fmt.Errorf("running the installer: %w", err)
	}
	if empty(filepath.Join(c.Prefix, c.Makes)) {
		return c.failed("the installer said that all went well (exit status 0), but installed nothing", 0, out)
	}
	err = g.judge(ctx)
	// The watch looks at the same files meanwhile, and may be the first to see.
	if errors.As(context.Cause(ctx), &refused) {
		return refused
	}
	return err
}

// empty reports whether a folder has nothing in it, or is none.
func empty(name string) bool {
	dir, err := os.Open(name)
	if err != nil {
		return true
	}
	defer dir.Close()
	_, err = dir.Readdirnames(1)
	return err != nil
}
