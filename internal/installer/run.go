package installer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

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

// Run lets script install into prefix, where it makes dynatrace/oneagent, with
// tmp as scratch space. Both folders are given to [User] for the time.
func Run(ctx context.Context, script, prefix, tmp string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, dir := range []string{prefix, tmp} {
		if err := os.Chown(dir, User, User); err != nil {
			return fmt.Errorf("giving %s to the installer: %w", dir, err)
		}
	}
	out := &tailBuffer{max: maxOutput}
	cmd := exec.CommandContext(ctx, "/bin/sh", script, prefix)
	cmd.Dir = tmp
	cmd.Env = []string{"PATH=/bin", "HOME=" + tmp, "TMPDIR=" + tmp, "LANG=C", "USER=nobody"}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: User, Gid: User},
		Setpgid:    true,
		Pdeathsig:  syscall.SIGKILL,
	}
	err := runConfined(cmd)
	killRest(cmd)
	if cerr := os.Chown(prefix, 0, 0); cerr != nil {
		return fmt.Errorf("taking %s back from the installer: %w", prefix, cerr)
	}
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
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
	return nil
}

// runConfined runs cmd from a thread that can gain no privileges, and so
// neither can what it starts: not by setuid programs, and not by capabilities
// of files. The thread dies with the goroutine that holds it.
func runConfined(cmd *exec.Cmd) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked
		if err := confine(); err != nil {
			done <- err
			return
		}
		if err := cmd.Start(); err != nil {
			done <- err
			return
		}
		// On this thread too: a child's Pdeathsig comes when the thread that
		// started it ends.
		done <- cmd.Wait()
	}()
	return <-done
}

// confine empties the thread's bounding set and forbids new privileges.
func confine() error {
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) {
			return fmt.Errorf("dropping capability %d: %w", c, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("forbidding new privileges: %w", err)
	}
	return nil
}

// killRest ends what the installer left running: it could still write into the
// tree. In a build step this process is the first of its pid namespace, so all
// others are the installer's, in whatever group they are.
func killRest(cmd *exec.Cmd) {
	if os.Getpid() != 1 {
		if cmd.Process != nil {
			unix.Kill(-cmd.Process.Pid, unix.SIGKILL) //nolint:errcheck // there may be none left
		}
		return
	}
	for range 100 {
		if err := unix.Kill(-1, unix.SIGKILL); errors.Is(err, unix.ESRCH) {
			return
		}
		// Orphans are ours now; they count as alive until they are waited for.
		for {
			if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
		time.Sleep(time.Millisecond)
	}
}

// tailBuffer keeps the last bytes that were written to it.
type tailBuffer struct {
	buf bytes.Buffer
	max int
}

// Write never fails.
func (b *tailBuffer) Write(p []byte) (int, error) {
	b.buf.Write(p)
	if extra := b.buf.Len() - b.max; extra > 0 {
		b.buf.Next(extra)
	}
	return len(p), nil
}

func (b *tailBuffer) String() string { return b.buf.String() }
