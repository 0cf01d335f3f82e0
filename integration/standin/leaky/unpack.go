package leaky

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Unpack writes all that is in the image as plain files into a folder, for tools
// that know no images: each layer into a folder of its own, so that nothing is
// deleted or replaced, and the documents beside them.
func (i *Image) Unpack(dir string) error {
	if err := writeJSON(filepath.Join(dir, "index.json"), map[string]any{"annotations": i.annotations}); err != nil {
		return err
	}
	if i.statement != "" {
		if err := os.WriteFile(filepath.Join(dir, "attestation.json"), []byte(i.statement), 0o600); err != nil {
			return err
		}
	}
	for _, p := range i.platforms {
		if err := p.unpack(filepath.Join(dir, p.arch)); err != nil {
			return fmt.Errorf("unpacking image %s: %w", i.Name, err)
		}
	}
	return nil
}

func (p platform) unpack(dir string) error {
	err := errors.Join(
		writeJSON(filepath.Join(dir, "config.json"), p.config),
		writeJSON(filepath.Join(dir, "manifest.json"), map[string]any{"annotations": p.annotations}))
	for n, l := range p.layers {
		for _, f := range l.files {
			err = errors.Join(err, f.unpack(filepath.Join(dir, fmt.Sprintf("layer%d", n))))
		}
	}
	return err
}

func (f File) unpack(dir string) error {
	name := filepath.Join(dir, f.Name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	switch {
	case f.Folder:
		return os.MkdirAll(name, 0o755)
	case f.Target != "":
		if err := os.Symlink(f.Target, name); !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	}
	return os.WriteFile(name, []byte(f.Content), 0o600)
}

func writeJSON(name string, v any) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	dt, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, dt, 0o600)
}
