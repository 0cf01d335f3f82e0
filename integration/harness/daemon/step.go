package daemon

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// killSteps kills the steps that a killed daemon leaves running: processes
// whose root file system is one of the daemon's snapshots.
func killSteps(dir string) {
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, entry := range entries {
		pid, err := strconv.Atoi(filepath.Base(entry))
		if err == nil && rootedIn(entry, dir) {
			_ = unix.Kill(pid, unix.SIGKILL) // it may be gone already
		}
	}
}

// rootedIn reports whether the root file system of the process with that
// directory in /proc lies in dir, whose name must be unique on the machine.
// Other mounts say nothing: a container that starts at this moment has a copy
// of the machine's mounts, with those of every daemon.
func rootedIn(entry, dir string) bool {
	f, err := os.Open(filepath.Join(entry, "mountinfo"))
	if err != nil {
		return false // it has ended
	}
	defer f.Close()
	roots, err := mountinfo.GetMountsFromReader(f, func(m *mountinfo.Info) (skip, stop bool) { return m.Mountpoint != "/", false })
	if err != nil {
		return false // it has ended
	}
	// A bind mount names its root within its file system, an overlay the
	// directories of its layers.
	below := "/" + filepath.Base(dir) + "/"
	for _, root := range roots {
		if strings.Contains(root.Root, below) || strings.Contains(root.VFSOptions, below) {
			return true
		}
	}
	return false
}
