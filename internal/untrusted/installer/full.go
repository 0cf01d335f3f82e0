package installer

import "golang.org/x/sys/unix"

// Full reports whether a file system has no room: a script says that in words
// of its own, or does not notice.
func Full(dir string) bool {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return false
	}
	return isFull(&st)
}

// isFull is not true of file systems that do not say how large they are: of
// those in memory without a limit, and of some in user space, all is 0.
func isFull(st *unix.Statfs_t) bool {
	return st.Blocks > 0 && st.Bavail*uint64(st.Bsize) < 1<<20 || st.Files > 0 && st.Ffree == 0
}
