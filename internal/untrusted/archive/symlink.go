package archive

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
)

// noteSymlink notes a symlink, which is made in the end.
func (u *unpacker) noteSymlink(name string, f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return wrap("reading", name, err)
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, maxTarget+1))
	if err != nil {
		return wrap("reading", name, err)
	}
	target := string(b)
	if target == "" || len(target) > maxTarget || strings.ContainsRune(target, 0) {
		return fmt.Errorf("symlink %q in the archive leads nowhere", name)
	}
	// Now: later it could be made through another link.
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return wrap("making the folder of", name, err)
	}
	u.symlinks = append(u.symlinks, symlink{name, target})
	return nil
}

// makeSymlinks makes the symlinks, and only then looks where they lead: one may lead on to
// another.
func (u *unpacker) makeSymlinks() error {
	for _, l := range u.symlinks {
		if err := u.root.Symlink(l.target, l.name); err != nil {
			return wrap("making", l.name, err)
		}
	}
	for _, l := range u.symlinks {
		if err := foreign.CheckSymlink(u.root, l.name, ""); err != nil {
			return err
		}
	}
	return nil
}
