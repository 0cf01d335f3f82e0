package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/org/dt-frontend/internal/links"
	"github.com/org/dt-frontend/internal/manifest"
)

// removeLinks removes every known link from the tree. It returns the links and
// the paths that it changed.
func removeLinks(root *os.Root, m *manifest.Manifest, raw []byte) ([]links.Link, map[string]bool, error) {
	changed := map[string]bool{manifest.File: true}
	var all []links.Link
	for _, f := range links.Files {
		dt, err := manifest.ReadFile(root, f.Path, links.MaxFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		clean, found := f.Split(dt)
		if bytes.Equal(clean, dt) {
			continue
		}
		all = append(all, found...)
		changed[f.Path] = true
		raw = withChecksum(m, raw, f.Path, clean)
		if err := replaceFile(root, f.Path, clean); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range links.Leftovers {
		if err := root.RemoveAll(p); err != nil {
			return nil, nil, fmt.Errorf("removing %s: %w", p, err)
		}
	}
	clean, found, err := links.SplitManifest(raw)
	if err != nil {
		return nil, nil, err
	}
	if err := replaceFile(root, manifest.File, clean); err != nil {
		return nil, nil, err
	}
	return append(all, found...), changed, nil
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
