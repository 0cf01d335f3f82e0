package installer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// onOneThread runs cmd from a thread of its own that prepare has changed, so
// that cmd starts with what was changed. The thread dies with the goroutine
// that holds it.
func onOneThread(cmd *exec.Cmd, prepare func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked
		if err := prepare(); err != nil {
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

// confine makes the thread one that can gain no privileges, and so neither can
// what it starts: not by setuid programs, and not by capabilities of files.
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
		killGroup(cmd)
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

// killGroup ends the installer and its children but for those that have left
// its group.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		unix.Kill(-cmd.Process.Pid, unix.SIGKILL) //nolint:errcheck // there may be none left
	}
}
