package foreign

import (
	"io/fs"
	"os"
	"strings"
)

// Tree checks the entries of a tree, each on its own and all together. Foreign
// code must not run any more.
type Tree struct {
	root *os.Root
	home string
	size Size
}

// NewTree returns a checker for root. Home is the place that it will have, or
// empty: see [CheckSymlink].
func NewTree(root *os.Root, home string) *Tree {
	return &Tree{root: root, home: home}
}

// Check returns an [*Error] if there may be no such entry in an agent's tree.
func (t *Tree) Check(name string, st fs.FileInfo) error {
	if err := checkName(name, strings.Count(name, "/")); err != nil {
		return err
	}
	var bytes int64
	if st.Mode().IsRegular() {
		bytes = st.Size()
	}
	if err := t.size.add(bytes); err != nil {
		return err
	}
	switch mode := st.Mode(); {
	case mode.IsDir():
		return nil
	case mode&fs.ModeSymlink != 0:
		return CheckSymlink(t.root, name, t.home)
	case !mode.IsRegular():
		return refuse("%s of the agent is a %s; only files, folders and symlinks are allowed", shown(name), kindOf(mode))
	case mode&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky) != 0:
		return refuse("%s of the agent is a %s file; no agent needs one", shown(name), specialOf(mode))
	}
	return nil
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}

func specialOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSetuid != 0:
		return "setuid"
	case mode&fs.ModeSetgid != 0:
		return "setgid"
	}
	return "sticky"
}
