package provision

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"syscall"
)

// folder is an open candidate.
type folder struct {
	path string
	root *os.Root
}

func (f *folder) close() { _ = f.root.Close() }

func openFolder(dir string) (*folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &folder{dir, root}, nil
}

// own returns a folder of ours in one that is not ours alone.
func (f *folder) own(create bool) (*folder, error) {
	uid := os.Geteuid()
	name := ownName()
	mode := fs.FileMode(0o700)
	if uid == 0 {
		// The app may give up being root, and still has to read its agent.
		mode = 0o755
	}
	if create {
		err := f.root.Mkdir(name, mode)
		if err == nil {
			// Whatever the umask is.
			err = f.root.Chmod(name, mode)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	st, err := f.root.Lstat(name)
	switch {
	case err != nil:
		return nil, err
	case !st.IsDir():
		return nil, fmt.Errorf("%s in it is no folder", name)
	case owner(st) != uid:
		return nil, fmt.Errorf("%s in it: %w", name, errForeign)
	case st.Mode()&0o022 != 0:
		return nil, fmt.Errorf("%s in it: %w", name, errOthers)
	}
	root, err := f.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &folder{path.Join(f.path, name), root}, nil
}

func ownName() string { return "dt-start-" + strconv.Itoa(os.Geteuid()) }

// owner is the uid of a file, or -1.
func owner(st fs.FileInfo) int {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		return int(sys.Uid)
	}
	return -1
}

// isOurs reports whether a file is this user's or root's, who can do
// everything anyway.
func isOurs(st fs.FileInfo) bool {
	uid := owner(st)
	return uid == 0 || uid == os.Geteuid()
}
