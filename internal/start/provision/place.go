package provision

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

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
