package start

import (
	"errors"
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// Stderr returns where a start says what there is to say, which must not keep
// the app from starting.
func Stderr() io.Writer { return stream(syscall.Stderr) }

// stream is a descriptor that nothing is waited for, and whose end is no
// error. An os.File ends the process when its reader is gone, and a pipe that
// is full and not read would keep the app from starting.
type stream int

// atOnce is PIPE_BUF: where there is room at all, there is room for so much.
const atOnce = 4096

// Write drops what there is no room for. The descriptor blocks as before, since
// it is the app's too.
func (s stream) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0 && s.room(); {
		n, err := syscall.Write(int(s), rest[:min(len(rest), atOnce)])
		if err != nil && !errors.Is(err, syscall.EINTR) {
			break
		}
		rest = rest[max(n, 0):]
	}
	return len(b), nil
}

func (s stream) room() bool {
	for {
		fds := []unix.PollFd{{Fd: int32(s), Events: unix.POLLOUT}}
		switch _, err := unix.Poll(fds, 0); err {
		case nil:
			return fds[0].Revents&(unix.POLLOUT|unix.POLLERR) == unix.POLLOUT
		case unix.EINTR:
		default:
			return false
		}
	}
}
