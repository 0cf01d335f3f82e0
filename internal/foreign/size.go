package foreign

// Limits of a tree. The largest documented agent has 1.2 GB, in some ten
// thousand files.
const (
	MaxEntries = 100_000
	MaxBytes   = 4 << 30
	// MaxDepth is that of folders, MaxPath the length of a name in bytes.
	MaxDepth = 64
	MaxPath  = 1024
)

// size is what was counted so far.
type size struct {
	entries int
	bytes   int64
}

// add counts one more, and returns an [*Error] where it is one too many.
func (s *size) add(bytes int64) error {
	if s.entries++; s.entries > MaxEntries {
		return refuse("the installer left more than %d files; no agent has as many", MaxEntries)
	}
	// Each by itself: a sum could overflow.
	if bytes > MaxBytes-s.bytes {
		return refuse("the installer left more than %d bytes; no agent is that large", int64(MaxBytes))
	}
	s.bytes += bytes
	return nil
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
