package provision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/library"
	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/org/dt-frontend/internal/untrusted/foreign"
)

// writableMode is for the directories that an agent writes into, as whatever user
// the app has.
const writableMode = fs.ModeSticky | 0o777

// check compares what was installed with what was ordered and with its own
// manifest, and makes it one that every user can read and only this one can
// write to.
func check(ctx context.Context, root *os.Root, o Order, atHome bool) (*marker, error) {
	if _, err := foreign.Measure(ctx, root); err != nil {
		return nil, err
	}
	m, _, err := manifest.Read(root)
	if err != nil {
		return nil, err
	}
	if m.Version != o.Version {
		return nil, fmt.Errorf("the cluster sent version %.64q of OneAgent, but %s was asked for", m.Version, o.Version)
	}
	lib := m.Preload()
	if err := library.Check(root, lib, o.Spec); err != nil {
		return nil, err
	}
	home := ""
	if atHome {
		home = agent.Dir
	}
	w := &walk{ctx: ctx, root: root, sums: m.Checksums(), tree: foreign.NewTree(root, home), buf: make([]byte, 256<<10)}
	if err := w.run(); err != nil {
		return nil, err
	}
	if o.FIPS {
		if err := root.Remove(agent.FIPSDisabled); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("switching the agent to FIPS mode: %w", err)
		}
	}
	if err := complete(root, m.Version); err != nil {
		return nil, err
	}
	st, err := root.Stat(lib)
	if err != nil {
		return nil, fmt.Errorf("looking at the agent's preload library: %w", err)
	}
	return &marker{
		Version: m.Version,
		Flavor:  o.Spec.Flavor,
		Arch:    o.Spec.Arch,
		Include: technologies(o.Spec.Include),
		FIPS:    o.FIPS,
		Preload: lib,
		Size:    st.Size(),
	}, nil
}

// complete makes what an agent needs and an installer may leave to others: the
// directories that it writes into, and the name of the only version, which
// nginx's module is looked for under.
//
// Source: the vendor's operator and bootstrapper make that symlink.
func complete(root *os.Root, version string) error {
	for _, dir := range agent.WritableDirs {
		if err := root.Mkdir(dir, 0o755); errors.Is(err, fs.ErrExist) {
			// The walk has set its mode.
			continue
		} else if err != nil {
			return fmt.Errorf("making %s for the agent: %w", dir, err)
		}
		// Whatever the umask is.
		if err := root.Chmod(dir, writableMode); err != nil {
			return fmt.Errorf("opening %s for the agent: %w", dir, err)
		}
	}
	return agent.LinkCurrent(root, version)
}

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
