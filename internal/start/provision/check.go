package provision

import (
	"context"
	"errors"
	"fmt"
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
		Include: o.Spec.Include,
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
