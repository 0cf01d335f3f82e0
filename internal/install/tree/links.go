package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"syscall"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/agent/manifest"
)

// removeLinks removes every known link from the tree's files, and returns the
// links. It returns those that it cannot remove, too: the scan then finds them.
func removeLinks(root *os.Root) ([]links.Link, error) {
	var all []links.Link
	for _, f := range links.Files {
		dt, err := manifest.ReadFile(root, f.Path, links.MaxFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		clean, found := f.Split(dt)
		all = append(all, found...)
		if bytes.Equal(clean, dt) {
			continue
		}
		if err := replaceFile(root, f.Path, clean); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// removeLeftovers removes what a run of the agent or its environment left. The
// files that the manifest lists stay, since the vendor's tools copy an agent by
// that list.
func removeLeftovers(root *os.Root, listed manifest.Checksums) error {
	for _, name := range links.Leftovers {
		if err := removeLeftover(root, name); err != nil {
			return fmt.Errorf("removing %s: %w", name, err)
		}
		delete(listed, name)
	}
	for _, dir := range agent.WritableDirs {
		if err := keepListed(root, dir, listed); err != nil {
			return fmt.Errorf("emptying %s: %w", dir, err)
		}
	}
	return nil
}

// removeLeftover removes a file, and its directory if nothing else was there. If
// that is a symlink, the file is another one, of another name.
func removeLeftover(root *os.Root, name string) error {
	if st, err := root.Lstat(path.Dir(name)); err == nil && st.Mode()&fs.ModeSymlink != 0 {
		return nil
	}
	_, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	if err := errors.Join(err, root.RemoveAll(name)); err != nil {
		return err
	}
	dir := path.Dir(name)
	if entries, err := fs.ReadDir(root.FS(), dir); err != nil || len(entries) > 0 {
		return err
	}
	return root.Remove(dir)
}

// keepListed leaves a directory with the files alone that are listed.
func keepListed(root *os.Root, dir string, listed manifest.Checksums) error {
	st, err := root.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !st.IsDir():
		return root.Remove(dir)
	}
	var dirs []string
	err = fs.WalkDir(root.FS(), dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			dirs = append(dirs, name)
			return nil
		}
		if _, ok := listed[name]; ok && d.Type().IsRegular() {
			return nil
		}
		return root.Remove(name)
	})
	if err != nil {
		return err
	}
	// The deepest first. One that still holds something stays.
	for _, name := range slices.Backward(dirs) {
		if entries, err := fs.ReadDir(root.FS(), name); err != nil || len(entries) > 0 {
			continue
		}
		if err := root.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// replaceFile writes a new file in place of name: the old one may have other
// names.
func replaceFile(root *os.Root, name string, dt []byte) error {
	if err := root.Remove(name); err != nil {
		return fmt.Errorf("replacing %s: %w", path.Base(name), err)
	}
	if err := root.WriteFile(name, dt, 0o644); err != nil {
		return fmt.Errorf("replacing %s: %w", path.Base(name), err)
	}
	return nil
}
