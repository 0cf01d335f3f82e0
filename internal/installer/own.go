package installer

import (
	"context"
	"os/exec"
	"syscall"
)

// path is where the tools are that an image brings for the installer.
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// RunAsSelf is [Run] in a container that starts: as the user that this process
// has, with the container's tools, and with neighbours that must be left
// alone. Ctx bounds it.
func RunAsSelf(ctx context.Context, script, prefix, tmp string) error {
	out := &tailBuffer{max: maxOutput}
	cmd := command(ctx, script, prefix, tmp, out)
	cmd.Env = append(cmd.Env, "PATH="+path)
	err := onOneThread(cmd, func() error { return nil })
	killGroup(cmd)
	reap(cmd)
	return result(ctx, err, prefix, out)
}

// reap waits for what the installer left, which is ours where this is a
// container's first process. The app would not know what to do with it.
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
