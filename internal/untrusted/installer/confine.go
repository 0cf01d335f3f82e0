package installer

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// onOneThread runs cmd from a thread of its own that prepare has changed, so
// that cmd starts with what was changed. The thread dies with the goroutine
// that holds it. Started, if any, is called with the new process.
func onOneThread(cmd *exec.Cmd, prepare func() error, started func(pid int) error) error {
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
		if started != nil {
			if err := started(cmd.Process.Pid); err != nil {
				_ = cmd.Cancel()
				done <- errors.Join(err, cmd.Wait())
				return
			}
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

// adopt makes this process the parent of orphans among what it starts, so that
// nothing gets out of sight by leaving its own parent or its process group.
// Only the first process of a pid namespace is so by itself, and where build
// steps run without a namespace of their own there is none.
func adopt() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("adopting the installer's processes: %w", err)
	}
	return nil
}

// patience bounds the wait for killed processes to be gone. One that hangs in
// the kernel cannot be killed.
const patience = 10 * time.Second

// killRest ends what the installer left running: it could still write into the
// tree. It must only be called by a process that has no other children.
func killRest() error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		pids, err := children()
		if err != nil {
			return fmt.Errorf("looking for what the installer left running: %w", err)
		}
		for _, pid := range pids {
			_ = unix.Kill(pid, unix.SIGKILL) // it may be gone already
		}
		// Whose parent was killed is ours now. Without any child left, nothing
		// of the installer's is.
		for {
			pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
			if errors.Is(err, unix.ECHILD) {
				return nil
			}
			if err != nil && !errors.Is(err, unix.EINTR) || pid == 0 {
				break
			}
		}
	}
	return errors.New("the installer left processes that cannot be ended")
}

// killGroup ends the installer and its children but for those that have left
// its group.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) // there may be none left
	}
}
