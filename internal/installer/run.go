package installer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/org/dt-frontend/internal/foreign"
	"golang.org/x/sys/unix"
)

// User is the uid and gid that the installer runs as: nobody.
const User = 65534

const (
	// timeout bounds an installer. Unpacking a gigabyte takes seconds.
	timeout = 10 * time.Minute
	// maxOutput is how much of its output is kept for an error: the end.
	maxOutput = 8 << 10
)

// Error is an installer that failed.
type Error struct {
	reason string
	// Output is the end of what the installer printed. It may hold anything.
	Output string
}

// Error says why, without the output.
func (e *Error) Error() string { return e.reason }

// LastLine returns the last line of the output, which says most.
func (e *Error) LastLine() string {
	lines := strings.Split(strings.TrimSpace(e.Output), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// Run lets script install into prefix, where it makes dynatrace/oneagent, with
// tmp as scratch space. Both folders are given to [User] for the time.
func Run(ctx context.Context, script, prefix, tmp string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	ctx, guard, err := watch(ctx, prefix, tmp)
	if err != nil {
		return err
	}
	defer guard.stop()
	for _, dir := range []string{prefix, tmp} {
		if err := os.Chown(dir, User, User); err != nil {
			return fmt.Errorf("giving %s to the installer: %w", dir, err)
		}
	}
	out := &tailBuffer{max: maxOutput}
	cmd := command(ctx, script, prefix, tmp, out)
	cmd.Env = append(cmd.Env, "PATH=/bin", "USER=nobody")
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: User, Gid: User}
	if err := adopt(); err != nil {
		return err
	}
	// For this process too, which needs no more.
	if err := limit(0, append(limits, rlimit{unix.RLIMIT_NPROC, maxProcesses})); err != nil {
		return err
	}
	err = onOneThread(cmd, confine, nil)
	if kerr := killRest(); kerr != nil {
		return kerr
	}
	if cerr := os.Chown(prefix, 0, 0); cerr != nil {
		return fmt.Errorf("taking %s back from the installer: %w", prefix, cerr)
	}
	return result(ctx, err, guard, prefix, out)
}

var errTimeout = errors.New("installer timeout")

// command is the installer's in what all that run it share: nothing of our
// environment, a group of its own, and no life without us.
func command(ctx context.Context, script, prefix, tmp string, out *tailBuffer) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/bin/sh", script, prefix)
	cmd.Dir = tmp
	cmd.Env = []string{"HOME=" + tmp, "TMPDIR=" + tmp, "LANG=C"}
	cmd.Stdout, cmd.Stderr = out, out
	// All of it at once: who is left would keep the output open.
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// result says what became of the installer.
func result(ctx context.Context, err error, g *guard, prefix string, out *tailBuffer) error {
	var (
		exit    *exec.ExitError
		refused *foreign.Error
	)
	switch {
	case errors.As(context.Cause(ctx), &refused):
		return refused
	case errors.Is(context.Cause(ctx), errTimeout):
		return &Error{fmt.Sprintf("the installer was not done after %s", timeout), out.String()}
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return &Error{fmt.Sprintf("the installer failed (%s)", exit.ProcessState), out.String()}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return fmt.Errorf("running the installer: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(prefix, "dynatrace", "oneagent")); err != nil {
		return &Error{"the installer ended well but installed nothing", out.String()}
	}
	return g.judge(ctx)
}
