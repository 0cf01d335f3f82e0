package daemon

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// killSteps ends the steps that a killed daemon leaves running: processes of
// another mount namespace whose root lies in its folder.
func killSteps(dir string) {
	own, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return
	}
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, entry := range entries {
		pid, err := strconv.Atoi(filepath.Base(entry))
		if err != nil {
			continue
		}
		namespace, err := os.Readlink(filepath.Join(entry, "ns/mnt"))
		if err != nil || namespace == own {
			continue
		}
		mounts, _ := os.ReadFile(filepath.Join(entry, "mountinfo")) // it may have ended
		if strings.Contains(string(mounts), dir+"/") {
			_ = unix.Kill(pid, unix.SIGKILL) // it may be gone already
		}
	}
}
