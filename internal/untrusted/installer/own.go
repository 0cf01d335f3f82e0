package installer

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// path is where the tools are that an image brings for the installer.
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// alone is held by the one installer that runs: what another left could not be
// told from what it starts.
var alone sync.Mutex

// RunAsSelf is [Run] in a container that starts: as the user that this process
// has, with the container's tools, and with neighbours that must be left
// alone. Ctx bounds it. Meanwhile this process must start no others.
func RunAsSelf(ctx context.Context, c Call) error {
	alone.Lock()
	defer alone.Unlock()
	ctx, guard, err := watch(ctx, c.Prefix, c.Tmp)
	if err != nil {
		return err
	}
	defer guard.stop()
	out := &tailBuffer{max: maxOutput}
	cmd := command(ctx, c, out)
	cmd.Env = append(cmd.Env, "PATH="+path)
	guard.start(ctx)
	others := guardOthers()
	// Of the new process alone: the app is to have its own.
	err = onOneThread(cmd, func() error { return nil }, func(pid int) error { return limit(pid, limits) })
	killGroup(cmd)
	reap(cmd)
	others.killRest()
	return result(ctx, err, guard, c, out)
}

// reap waits for what the installer left in its group. The app would not know
// what to do with it.
func reap(cmd *exec.Cmd) {
	if cmd.Process == nil {
		return
	}
	for {
		pid, err := syscall.Wait4(-cmd.Process.Pid, nil, syscall.WNOHANG, nil)
		if err != syscall.EINTR && (pid <= 0 || err != nil) {
			return
		}
	}
}

// others are the children that this process has had before the installer, as
// where a shell has become it. All further ones are the installer's.
type others struct {
	before []int
	// known says that they could be listed, and ours that there are none.
	known, ours bool
	first       bool
}

// guardOthers begins to adopt orphans, as a container's first process does
// anyway. [others.killRest] ends it.
func guardOthers() *others {
	o := &others{first: os.Getpid() == 1}
	// Without any other process there is nobody to spare.
	o.ours = o.first && unix.Kill(-1, 0) == unix.ESRCH
	o.before, o.known = ownChildren()
	if !o.first && o.known {
		o.known = adopt() == nil
	}
	return o
}

// ownChildren reports false where there is no /proc, or that of others.
func ownChildren() ([]int, bool) {
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(os.Getpid()) {
		return nil, false
	}
	pids, err := children()
	return pids, err == nil
}

// ownPatience bounds the wait for killed processes, which an app waits for too.
const ownPatience = 500 * time.Millisecond

// killRest ends what has left the installer's group. It does what it can: the
// app starts in any case.
func (o *others) killRest() {
	if o.known && !o.first {
		// It would outlast exec, and be the app's.
		defer func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) }() // setting it went well
	}
	for end := time.Now().Add(ownPatience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if o.known && !o.killChildren() || !o.known && !o.killAll() {
			return
		}
	}
}

// killChildren reports whether there were any. Whose parent was killed is ours
// the next time.
func (o *others) killChildren() bool {
	pids, ok := ownChildren()
	pids = slices.DeleteFunc(pids, func(pid int) bool { return slices.Contains(o.before, pid) })
	for _, pid := range pids {
		_ = unix.Kill(pid, unix.SIGKILL)               // it may be gone already
		_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // the next time then
	}
	return ok && len(pids) > 0
}

// killAll is killChildren without /proc.
func (o *others) killAll() bool {
	if !o.ours {
		return false
	}
	_ = unix.Kill(-1, unix.SIGKILL) // there may be none
	for {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		if err != unix.EINTR && (pid <= 0 || err != nil) {
			return err != unix.ECHILD
		}
	}
}
