package archive

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Limits of an agent. The largest documented has 1.2 GB.
const (
	maxEntries   = 200_000
	maxBytes     = 8 << 30
	maxDirectory = 64 << 20
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
	in := &bounded{r: file, left: maxDirectory}
	z, err := zip.NewReader(in, st.Size())
	if err != nil {
		return fmt.Errorf("reading the archive: %w", err)
	}
	in.left = -1
	if len(z.File) > maxEntries {
		return fmt.Errorf("the archive has %d entries; no agent has so many", len(z.File))
	}
	u := &unpacker{root: root, left: maxBytes, buf: make([]byte, 128<<10)}
	for _, f := range z.File {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("unpacking was ended: %w", err)
		}
		if err := u.entry(ctx, f); err != nil {
			return err
		}
	}
	return u.symlinks()
}

// unpacker holds what the entries of an archive share.
type unpacker struct {
	root *os.Root
	left int64
	buf  []byte
	// links are made when all else is there, so that nothing is written
	// through one.
	links []link
}

type link struct{ name, target string }

func (u *unpacker) entry(ctx context.Context, f *zip.File) error {
	name, err := cleanName(f.Name)
	if err != nil {
		return err
	}
	mode := f.Mode()
	switch {
	case f.Flags&1 != 0:
		return fmt.Errorf("%s in the archive is encrypted", name)
	case mode.IsDir():
		if name == "." {
			return nil
		}
		return wrap("making", name, u.root.MkdirAll(name, 0o755))
	case mode&fs.ModeSymlink != 0:
		return u.symlink(name, f)
	case mode.IsRegular() && name != ".":
		return u.file(ctx, name, mode, f)
	}
	return fmt.Errorf("%s in the archive is no file, folder or symlink", name)
}

// cleanName refuses what an archive for another place, or of ill will, holds.
func cleanName(name string) (string, error) {
	clean := strings.TrimSuffix(name, "/")
	clean = strings.TrimPrefix(clean, "./")
	switch {
	case clean == "." || clean == "":
		if strings.HasPrefix(name, "/") || name == "" {
			return "", fmt.Errorf("the archive holds the name %.64q", name)
		}
		return ".", nil
	case path.Clean(clean) != clean, !fs.ValidPath(clean), strings.ContainsAny(clean, "\\\x00"):
		return "", fmt.Errorf("the archive holds the name %.64q, which leads elsewhere", name)
	}
	return clean, nil
}

func (u *unpacker) file(ctx context.Context, name string, mode fs.FileMode, f *zip.File) error {
	if f.UncompressedSize64 > uint64(u.left) {
		return fmt.Errorf("the archive holds more than %d bytes; no agent is that large", int64(maxBytes))
	}
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
	// Exclusive: a second entry of one name is a trick.
	out, err := u.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return wrap("making", name, err)
	}
	n, err := io.CopyBuffer(onlyWriter{out}, &interruptible{ctx, io.LimitReader(in, u.left+1)}, u.buf)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return wrap("unpacking", name, err)
	}
	if u.left -= n; u.left < 0 {
		return fmt.Errorf("the archive holds more than %d bytes; no agent is that large", int64(maxBytes))
	}
	return nil
}

func (u *unpacker) symlink(name string, f *zip.File) error {
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
	if len(target) == 0 || len(target) > maxTarget || !staysInside(name, target) {
		return fmt.Errorf("symlink %s in the archive leads out of it", name)
	}
	u.links = append(u.links, link{name, target})
	return nil
}

func (u *unpacker) symlinks() error {
	for _, l := range u.links {
		if err := u.root.MkdirAll(path.Dir(l.name), 0o755); err != nil {
			return wrap("making the folder of", l.name, err)
		}
		if err := u.root.Symlink(l.target, l.name); err != nil {
			return wrap("making", l.name, err)
		}
	}
	return nil
}

// staysInside reports whether a symlink leads to somewhere in the tree.
func staysInside(name, target string) bool {
	if path.IsAbs(target) || strings.ContainsRune(target, 0) {
		return false
	}
	to := path.Join(path.Dir(name), target)
	return to != ".." && !strings.HasPrefix(to, "../")
}

func wrap(doing, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", doing, name, err)
}
