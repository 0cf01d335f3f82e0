package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// Names in a place beside the agent.
const (
	lockFile = ".dt-start.lock"
	// workPrefix begins the name of a folder that an installation works in.
	workPrefix = ".dt-start-work-"
)

// lock waits until nobody else installs into the folder. The file stays: who
// removed it would leave another process with a lock that nobody sees. The
// kernel drops the lock with the process.
func (f *folder) lock(ctx context.Context, wait func()) (unlock func(), err error) {
	file, err := f.root.OpenFile(lockFile, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", f.path, err)
	}
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return func() { _ = file.Close() }, nil
		case errors.Is(err, syscall.EINTR):
			continue
		case !errors.Is(err, syscall.EWOULDBLOCK):
			_ = file.Close()
			return nil, fmt.Errorf("locking %s: %w", f.path, err)
		}
		wait()
		// Asking again, since a wait of the kernel's cannot be ended.
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, fmt.Errorf("another start is installing the agent into %s: %w", f.path, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// removeLeftovers removes what killed starts have left. It needs the lock.
func (f *folder) removeLeftovers() {
	d, err := f.root.Open(".")
	if err != nil {
		return
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return
	}
	for _, name := range names {
		if strings.HasPrefix(name, workPrefix) {
			_ = f.root.RemoveAll(name)
		}
	}
}
