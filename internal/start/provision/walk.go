package provision

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/org/dt-frontend/internal/untrusted/foreign"
)

// walk goes over every file.
type walk struct {
	ctx  context.Context
	root *os.Root
	sums manifest.Checksums
	tree *foreign.Tree
	buf  []byte
}

func (w *walk) run() error {
	err := fs.WalkDir(w.root.FS(), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("walking the agent's files: %w", err)
		}
		if err := w.ctx.Err(); err != nil {
			return fmt.Errorf("checking the agent was ended: %w", err)
		}
		return w.entry(name)
	})
	if err != nil {
		return err
	}
	return w.sums.Missing()
}

func (w *walk) entry(name string) error {
	st, err := w.root.Lstat(name)
	if err != nil {
		return fmt.Errorf("looking at %s: %w", name, err)
	}
	if err := w.tree.Check(name, st); err != nil {
		return err
	}
	if err := w.own(name); err != nil {
		return err
	}
	mode := st.Mode()
	switch {
	case mode.IsDir() && agent.IsWritable(name):
		return w.mode(name, writableMode)
	case mode.IsDir():
		return w.mode(name, 0o755)
	case mode&fs.ModeSymlink != 0:
		return nil
	}
	perm := fs.FileMode(0o644)
	if mode&0o111 != 0 {
		perm = 0o755
	}
	if err := w.mode(name, perm); err != nil {
		return err
	}
	return w.content(name)
}

// own takes what a script that runs as root has given to others, as tar does.
func (w *walk) own(name string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	if err := w.root.Lchown(name, 0, 0); err != nil {
		return fmt.Errorf("owning %s: %w", name, err)
	}
	return nil
}

func (w *walk) mode(name string, mode fs.FileMode) error {
	if err := w.root.Chmod(name, mode); err != nil {
		return fmt.Errorf("setting the mode of %s: %w", name, err)
	}
	return nil
}

func (w *walk) content(name string) error {
	if _, known := w.sums[name]; !known {
		return nil
	}
	f, err := w.root.Open(name)
	if err != nil {
		return fmt.Errorf("opening %s: %w", name, err)
	}
	defer f.Close()
	sum := manifest.NewHash()
	if _, err := io.CopyBuffer(sum, onlyReader{f}, w.buf); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if err := w.sums.Check(name, sum); err != nil {
		return err
	}
	delete(w.sums, name)
	return nil
}

// onlyReader hides a file's WriteTo, which would not use our buffer.
type onlyReader struct{ io.Reader }
