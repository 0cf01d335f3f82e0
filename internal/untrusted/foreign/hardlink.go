package foreign

import "golang.org/x/sys/unix"

// hardlinks are the files that have several names.
type hardlinks map[inode]*names

type inode struct{ dev, ino uint64 }

// names are those of one file.
type names struct {
	first      string
	found, all uint64
}

func (h hardlinks) add(name string, st *unix.Stat_t) {
	if st.Nlink < 2 {
		return
	}
	key := inode{st.Dev, st.Ino}
	if h[key] == nil {
		h[key] = &names{first: name, all: uint64(st.Nlink)} //nolint:unconvert // it has another type on arm64
	}
	h[key].found++
}

// check returns an [*Error] for the first file of which not all names were met.
func (h hardlinks) check() error {
	first := ""
	for _, n := range h {
		if n.found < n.all && (first == "" || n.first < first) {
			first = n.first
		}
	}
	if first == "" {
		return nil
	}
	return refuse("%s of what the installer left is a hard link to a file elsewhere", shown(first))
}
