package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// own gives name to root, with mode. Times are left alone: the layer is packed
// with a time of its own.
func (p *pass) own(name string, mode fs.FileMode) error {
	// Only root can give files away, and a build step is root.
	if os.Geteuid() == 0 {
		if err := p.root.Lchown(name, 0, 0); err != nil {
			return fmt.Errorf("owning %s: %w", name, err)
		}
	}
	if mode&fs.ModeSymlink != 0 {
		return nil
	}
	if err := p.stripAttributes(name); err != nil {
		return fmt.Errorf("removing the attributes of %s: %w", name, err)
	}
	if err := p.root.Chmod(name, mode.Perm()|mode&fs.ModeSticky); err != nil {
		return fmt.Errorf("setting the mode of %s: %w", name, err)
	}
	return nil
}

// maxAttributes is the kernel's bound on a list of attributes, in bytes
// (XATTR_LIST_MAX).
const maxAttributes = 64 << 10

// stripAttributes removes extended attributes, which no scan looks into, and
// with them access lists and capabilities.
func (p *pass) stripAttributes(name string) error {
	f, err := p.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	fd := int(f.Fd())
	// Asked for its length, an overlay's list may say less than it then gives.
	names := make([]byte, maxAttributes)
	size, err := unix.Flistxattr(fd, names)
	if errors.Is(err, unix.ENOTSUP) || err == nil && size == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	for attr := range strings.SplitSeq(strings.TrimRight(string(names[:size]), "\x00"), "\x00") {
		// A label of the system's own security module is not the installer's.
		if attr == "security.selinux" {
			continue
		}
		if err := unix.Fremovexattr(fd, attr); err != nil && !errors.Is(err, unix.ENODATA) {
			return err
		}
	}
	return nil
}
