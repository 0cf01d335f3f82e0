package installer

import (
	"fmt"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
	"golang.org/x/sys/unix"
)

// rlimit is one of setrlimit(2).
type rlimit struct {
	resource int
	most     uint64
}

// limits are those of every installer. They bound what one process can do at
// once; what all have written is for [guard].
var limits = []rlimit{
	{unix.RLIMIT_FSIZE, foreign.MaxBytes},
	{unix.RLIMIT_NOFILE, 1024},
	{unix.RLIMIT_CORE, 0},
}

// maxProcesses bounds those of the installer's user. Kernels count the ones of
// concurrent builds too.
const maxProcesses = 4096

// limit sets limits of a process; 0 is this one. A lower one that is set already
// stays.
func limit(pid int, limits []rlimit) error {
	for _, l := range limits {
		var was unix.Rlimit
		if err := unix.Prlimit(pid, l.resource, nil, &was); err != nil {
			return fmt.Errorf("reading the installer's limits: %w", err)
		}
		most := min(l.most, was.Max)
		if err := unix.Prlimit(pid, l.resource, &unix.Rlimit{Cur: min(most, was.Cur), Max: most}, nil); err != nil {
			return fmt.Errorf("limiting the installer: %w", err)
		}
	}
	return nil
}
