package installer

import "golang.org/x/sys/unix"

// Full reports whether a file system has no room: a script says that in words
// of its own, or does not notice.
func Full(dir string) bool {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return false
	}
	return st.Bavail*uint64(st.Bsize) < 1<<20 || st.Files > 0 && st.Ffree == 0
}
