package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/org/dt-frontend/internal/agent"
)

// Prune removes everything from the prefix that is not the agent: an installer
// may leave anything there, and nothing but the agent is checked.
func Prune(prefix *os.Root) error {
	st, err := prefix.Lstat(agent.Suffix)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !st.IsDir() {
		return fmt.Errorf("the installer left no folder %s", agent.Suffix)
	}
	if err != nil {
		return fmt.Errorf("looking for the installed agent: %w", err)
	}
	if err := keepOnly(prefix, ".", path.Dir(agent.Suffix)); err != nil {
		return err
	}
	return keepOnly(prefix, path.Dir(agent.Suffix), path.Base(agent.Suffix))
}

// Empty removes everything from the prefix: what an installer left holds links
// until it is cleaned.
func Empty(prefix *os.Root) error { return keepOnly(prefix, ".", "") }

func keepOnly(root *os.Root, dir, name string) error {
	d, err := root.Open(dir)
	if err != nil {
		return fmt.Errorf("opening the installer's prefix: %w", err)
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return fmt.Errorf("listing the installer's prefix: %w", err)
	}
	for _, e := range entries {
		if e.Name() == name {
			continue
		}
		if err := root.RemoveAll(path.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("removing what the installer left beside the agent: %w", err)
		}
	}
	return nil
}
