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

// candidate is where an agent may go.
type candidate struct {
	dir  string
	kind candidateKind
}

type candidateKind int

const (
	// candidateVendor is the vendor's own, which nobody else may write to.
	candidateVendor candidateKind = iota
	// candidateChosen is one that the user names, and answers for.
	candidateChosen
	// candidateTemporary is for everybody: the agent goes into a folder of ours.
	candidateTemporary
)

// candidates are in order of preference.
func (p *Provisioner) candidates(o Order) []candidate {
	list := []candidate{{p.Root, candidateVendor}}
	if o.Dir != "" {
		list = append(list, candidate{path.Clean(o.Dir), candidateChosen})
	}
	for _, dir := range p.Temporary {
		list = append(list, candidate{dir, candidateTemporary})
	}
	return list
}

// Reasons not to take a candidate.
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
func (c candidate) open(create bool) (*folder, error) {
	if !path.IsAbs(c.dir) {
		return nil, errRelative
	}
	// The loader splits the list at the ones and expands the other.
	if strings.ContainsAny(c.dir, " :$\t\n\r\v\f") {
		return nil, errPreload
	}
	if create && c.kind == candidateChosen {
		err := os.Mkdir(c.dir, 0o755)
		if err == nil {
			// Whatever the umask is.
			err = os.Chmod(c.dir, 0o755)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	f, err := openFolder(c.dir)
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
	case safe && c.kind != candidateTemporary:
		return f, nil
	case c.kind == candidateVendor:
		f.close()
		return nil, errOthers
	case c.kind == candidateTemporary && !safe && !sticky:
		// Whoever can rename our folder can put theirs in its place.
		f.close()
		return nil, fmt.Errorf("%w and rename what is in it", errOthers)
	}
	defer f.close()
	if create && c.kind == candidateTemporary && inMemory(c.dir) {
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
