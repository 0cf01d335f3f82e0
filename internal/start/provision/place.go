package provision

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// place is where an agent may go.
type place struct {
	dir  string
	kind placeKind
}

type placeKind int

const (
	// placeVendor is the vendor's own, which nobody else may write to.
	placeVendor placeKind = iota
	// placeChosen is one that the user names, and answers for.
	placeChosen
	// placeTemporary is for everybody: the agent goes into a folder of ours.
	placeTemporary
)

// places are in order of preference.
func (p *Provisioner) places(o Order) []place {
	list := []place{{p.Root, placeVendor}}
	if o.Dir != "" {
		list = append(list, place{path.Clean(o.Dir), placeChosen})
	}
	for _, dir := range p.Temporary {
		list = append(list, place{dir, placeTemporary})
	}
	return list
}

// folder is an open place.
type folder struct {
	path string
	root *os.Root
}

func (f *folder) close() { f.root.Close() }

// Reasons not to take a place.
var (
	errOthers   = errors.New("other users can write to it")
	errForeign  = errors.New("it belongs to another user")
	errNoExec   = errors.New("it is mounted noexec: no library can be loaded from it")
	errRelative = errors.New("it is no absolute path")
	errPreload  = errors.New("its path has a space, a colon or a dollar sign, which LD_PRELOAD cannot hold")
	errMemory   = errors.New("it is in memory, where the agent would take room from the app")
)

// open returns the folder that holds the agent, if another user cannot have
// prepared it. It makes what is missing only where that is asked for.
func (p place) open(create bool) (*folder, error) {
	if !path.IsAbs(p.dir) {
		return nil, errRelative
	}
	// The loader splits the list at the ones and expands the other.
	if strings.ContainsAny(p.dir, " :$\t\n\r\v\f") {
		return nil, errPreload
	}
	if create && p.kind == placeChosen {
		err := os.Mkdir(p.dir, 0o755)
		if err == nil {
			// Whatever the umask is.
			err = os.Chmod(p.dir, 0o755)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	f, err := openFolder(p.dir)
	if err != nil {
		return nil, err
	}
	st, err := f.root.Stat(".")
	if err != nil {
		f.close()
		return nil, err
	}
	// Nobody else can write to it, or at least not rename what is in it.
	safe := isOurs(st) && st.Mode()&0o022 == 0
	sticky := isOurs(st) && st.Mode()&fs.ModeSticky != 0
	switch {
	case safe && p.kind != placeTemporary:
		return f, nil
	case p.kind == placeVendor:
		f.close()
		return nil, errOthers
	case p.kind == placeTemporary && !safe && !sticky:
		// Whoever can rename our folder can put theirs in its place.
		f.close()
		return nil, fmt.Errorf("%w and rename what is in it", errOthers)
	}
	defer f.close()
	if create && p.kind == placeTemporary && inMemory(p.dir) {
		return nil, errMemory
	}
	return f.own(create)
}

// inMemory reports whether a file system has no disk. What is in place there
// is as good as elsewhere, but nothing is put there unless the user says so.
func inMemory(dir string) bool {
	var st unix.Statfs_t
	return unix.Statfs(dir, &st) == nil && (st.Type == unix.TMPFS_MAGIC || st.Type == unix.RAMFS_MAGIC)
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

func openFolder(dir string) (*folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &folder{dir, root}, nil
}

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
