package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Copy copies a clean tree into a new folder, with all that a layer holds of it:
// content, modes, symlinks and which files are one.
func Copy(ctx context.Context, from *os.Root, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("making a folder for the agent: %w", err)
	}
	dest, err := os.OpenRoot(to)
	if err != nil {
		return fmt.Errorf("opening the folder for the agent: %w", err)
	}
	defer dest.Close()
	c := &copier{from: from, to: dest, first: map[uint64]string{}}
	return fs.WalkDir(from.FS(), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.entry(name)
		}
		if err != nil {
			return fmt.Errorf("handing the agent on: %w", err)
		}
		return nil
	})
}

// copier is one walk over a tree.
type copier struct {
	from, to *os.Root
	// first are the names under which files with several were met first.
	first map[uint64]string
}

func (c *copier) entry(name string) error {
	st, err := c.from.Lstat(name)
	if err != nil {
		return err
	}
	mode := st.Mode()
	switch {
	case mode.IsDir():
		if err := c.to.Mkdir(name, 0o755); err != nil && (name != "." || !errors.Is(err, fs.ErrExist)) {
			return err
		}
	case mode&fs.ModeSymlink != 0:
		target, err := c.from.Readlink(name)
		if err != nil {
			return err
		}
		return c.to.Symlink(target, name)
	case mode.IsRegular():
		sys, ok := st.Sys().(*syscall.Stat_t)
		if ok && sys.Nlink > 1 {
			if first, ok := c.first[sys.Ino]; ok {
				return c.to.Link(first, name)
			}
			c.first[sys.Ino] = name
		}
		if err := c.file(name); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%s is neither a file nor a folder nor a symlink", name)
	}
	return c.to.Chmod(name, mode)
}

func (c *copier) file(name string) error {
	in, err := c.from.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := c.to.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}
