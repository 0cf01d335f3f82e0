package foreign

import "golang.org/x/sys/unix"

// Limits of a tree. The largest documented agent has 1.2 GB, in some ten
// thousand files.
const (
	MaxEntries = 100_000
	MaxBytes   = 4 << 30
	// MaxDepth is that of folders, MaxPath the length of a name in bytes.
	MaxDepth = 64
	MaxPath  = 1024
)

// Size is what trees hold.
type Size struct {
	Entries int
	Bytes   int64
	// Changed is the time of the last change of any entry, in whatever way. Who
	// owns a file cannot set it.
	Changed unix.Timespec
}

// add counts one more, and returns an [*Error] where it is one too many.
func (s *Size) add(bytes int64) error {
	if s.Entries++; s.Entries > MaxEntries {
		return refuse("the installer left more than %d files; no agent has as many", MaxEntries)
	}
	// Each by itself: a sum could overflow.
	if bytes > MaxBytes-s.Bytes {
		return refuse("the installer left more than %d bytes; no agent is that large", int64(MaxBytes))
	}
	s.Bytes += bytes
	return nil
}

// see notes when an entry was changed.
func (s *Size) see(at unix.Timespec) {
	if at.Nano() > s.Changed.Nano() {
		s.Changed = at
	}
}

func checkName(name string, depth int) error {
	if depth >= MaxDepth {
		return refuse("the installer left folders of more than %d levels; no agent has as many", MaxDepth)
	}
	if len(name) > MaxPath {
		return refuse("the installer left a file of which the path has more than %d bytes; no agent has any as long", MaxPath)
	}
	return nil
}
