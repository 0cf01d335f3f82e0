package provision

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"syscall"
)

// noExec is ST_NOEXEC of statvfs(3).
const noExec = 8

// usable reports why nothing can be installed into a folder.
func (f *folder) usable() error {
	if err := f.writable(); err != nil {
		return err
	}
	return f.replaceable()
}

// writable reports why nothing that is to be loaded can be made in a folder.
func (f *folder) writable() error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(f.path, &st); err == nil && st.Flags&noExec != 0 {
		return errNoExec
	}
	// Writing and passing through, as access(2) numbers them. It knows about
	// read-only mounts, too.
	return syscall.Access(f.path, 2|1)
}

// replaceable looks at what stands where the agent is to go.
func (f *folder) replaceable() error {
	st, err := f.root.Lstat(final)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	base, err := f.root.Stat(".")
	switch {
	case err != nil:
		return err
	case !st.IsDir():
		return fmt.Errorf("%s in it is no folder", final)
	case device(st) != device(base):
		return fmt.Errorf("%s in it is a mount point, which cannot be replaced", final)
	}
	if _, err := f.root.Lstat(path.Join(final, markerFile)); err == nil {
		return nil
	}
	// An empty one can be renamed over.
	d, err := f.root.Open(final)
	if err != nil {
		return err
	}
	defer d.Close()
	if names, _ := d.Readdirnames(1); len(names) > 0 {
		return fmt.Errorf("%s in it was not made by dt-start", final)
	}
	return nil
}

func device(st fs.FileInfo) uint64 {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		return sys.Dev
	}
	return 0
}
