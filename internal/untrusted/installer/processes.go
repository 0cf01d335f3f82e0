package installer

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"
)

// process is one of /proc.
type process struct {
	pid, parent int
	// state is R of one that runs, D of one that waits for a disk.
	state string
}

// processes returns all that can be seen.
func processes() ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var out []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // gone
		}
		// Fields are counted behind the name, which may hold anything.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) < 2 {
			continue
		}
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			out = append(out, process{pid, parent, fields[0]})
		}
	}
	return out, nil
}

// children returns the processes whose parent this one is.
func children() ([]int, error) {
	all, err := processes()
	var out []int
	for _, p := range all {
		if p.parent == os.Getpid() {
			out = append(out, p.pid)
		}
	}
	return out, err
}

// busy says whether anything that this process has started runs, or waits for a
// disk. Where that cannot be seen, something does.
func busy() bool {
	all, err := processes()
	if err != nil {
		return true
	}
	ours := []int{os.Getpid()}
	for i := 0; i < len(ours); i++ {
		for _, p := range all {
			if p.parent != ours[i] || slices.Contains(ours, p.pid) {
				continue
			}
			if p.state == "R" || p.state == "D" {
				return true
			}
			ours = append(ours, p.pid)
		}
	}
	return false
}
