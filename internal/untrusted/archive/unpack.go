package archive

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
	"github.com/org/dt-frontend/internal/untrusted/zipdir"
)

const (
	// maxDirectory bounds the list of files, which is held in memory.
	maxDirectory = 32 << 20
	maxTarget    = 4096
)

// Unpack writes what file holds below root, which is empty. Modes are those of
// the archive as far as the owner's execute bit; times are not kept. An error
// leaves what was written so far.
func Unpack(ctx context.Context, file *os.File, root *os.Root) error {
	st, err := file.Stat()
	if err != nil {
		return fmt.Errorf("reading the archive: %w", err)
	}
	z, err := zipdir.Open(file, st.Size(), zipdir.Limit{Entries: foreign.MaxEntries, Bytes: maxDirectory})
	if err != nil {
		return fmt.Errorf("reading the archive: %w", err)
	}
	if err := check(z, st.Size()); err != nil {
		return err
	}
	u := &unpacker{root: root, buf: make([]byte, 128<<10)}
	for _, f := range z.File {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("unpacking was ended: %w", err)
		}
		if err := u.entry(ctx, f); err != nil {
			return err
		}
	}
	return u.makeSymlinks()
}

// unpacker holds what the entries of an archive share.
type unpacker struct {
	root *os.Root
	buf  []byte
	// symlinks are made when all else is there, so that nothing is written
	// through one.
	symlinks []symlink
}

type symlink struct{ name, target string }

func (u *unpacker) entry(ctx context.Context, f *zip.File) error {
	name, err := cleanName(f.Name)
	if err != nil {
		return err
	}
	mode := f.Mode()
	switch {
	case f.Flags&1 != 0:
		return fmt.Errorf("%q in the archive is encrypted", name)
	case mode.IsDir():
		return wrap("making", name, u.root.MkdirAll(name, 0o755))
	case name == ".":
		return errors.New("the archive itself is no folder")
	case mode&fs.ModeSymlink != 0:
		return u.noteSymlink(name, f)
	case !mode.IsRegular():
		return fmt.Errorf("%q in the archive is no file, folder or symlink", name)
	case mode&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky) != 0:
		return fmt.Errorf("%q in the archive has rights of its own (%v); no agent needs such a file", name, mode)
	}
	return u.file(ctx, name, mode, f)
}

func (u *unpacker) file(ctx context.Context, name string, mode fs.FileMode, f *zip.File) error {
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return wrap("making the folder of", name, err)
	}
	perm := fs.FileMode(0o644)
	if mode&0o100 != 0 {
		perm = 0o755
	}
	in, err := f.Open()
	if err != nil {
		return wrap("reading", name, err)
	}
	defer in.Close()
	out, err := u.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return wrap("making", name, err)
	}
	_, err = io.CopyBuffer(onlyWriter{out}, &interruptible{ctx, in}, u.buf)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return wrap("unpacking", name, err)
}

func wrap(doing, name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		// A second entry of one name is a trick.
		return fmt.Errorf("the archive holds %q, or what it is in, twice", name)
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err // without the name, which is anybody's choice
	}
	return fmt.Errorf("%s %q: %w", doing, name, err)
}

// interruptible ends a read when its context ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

// Read reads on where there is no reason not to.
func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// onlyWriter hides a file's ReadFrom, which would not use our buffer.
type onlyWriter struct{ io.Writer }
