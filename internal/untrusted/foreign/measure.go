package foreign

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// batch is how many entries of a folder are read at once: one may have millions.
const batch = 1000

// Measure returns what trees hold together, and an [*Error] if that is more than
// any agent does. It may be called while they change, and takes little memory
// whatever they hold. Other errors say that not all could be read.
func Measure(ctx context.Context, roots ...*os.Root) (Size, error) {
	m := &measurement{ctx: ctx}
	err := m.all(roots)
	return m.size, err
}

// Judge is Measure once trees change no more, and returns an [*Error] too if a
// file in them has further names elsewhere: who changes it here changes it there.
func Judge(ctx context.Context, roots ...*os.Root) error {
	m := &measurement{ctx: ctx, names: hardlinks{}}
	if err := m.all(roots); err != nil {
		return err
	}
	return m.names.check()
}

// measurement is one of several trees.
type measurement struct {
	ctx  context.Context
	size Size
	// names are counted unless it is nil.
	names hardlinks
	// unread is the first reason why not all could be read.
	unread error
}

func (m *measurement) all(roots []*os.Root) error {
	for _, root := range roots {
		if err := m.tree(root); err != nil {
			return err
		}
	}
	return m.unread
}

// tree returns what ends the measurement.
func (m *measurement) tree(root *os.Root) error {
	for todo := []*folder{{name: "."}}; len(todo) > 0; {
		if err := m.ctx.Err(); err != nil {
			return err
		}
		dir := todo[len(todo)-1]
		folders, err := m.folder(root, dir)
		if err != nil {
			return err
		}
		todo = append(todo[:len(todo)-1], folders...)
	}
	return nil
}

// folder measures one, and returns the folders in it.
func (m *measurement) folder(root *os.Root, dir *folder) ([]*folder, error) {
	name := dir.path()
	if err := checkName(name, dir.depth); err != nil {
		return nil, err
	}
	// Whatever it has become meanwhile: a pipe would not let us go on.
	d, err := root.OpenFile(name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		m.miss(name, err)
		return nil, nil
	}
	defer d.Close()
	var folders []*folder
	for {
		entries, err := d.ReadDir(batch)
		for _, e := range entries {
			isFolder, err := m.entry(d, path.Join(name, e.Name()), e.Name())
			if err != nil {
				return nil, err
			}
			if isFolder {
				folders = append(folders, &folder{dir, e.Name(), dir.depth + 1})
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				m.miss(name, err)
			}
			return folders, nil
		}
	}
}

func (m *measurement) entry(dir *os.File, name, base string) (isFolder bool, err error) {
	var st unix.Stat_t
	if err := unix.Fstatat(int(dir.Fd()), base, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return false, nil //nolint:nilerr // it is gone
	}
	isFolder = st.Mode&unix.S_IFMT == unix.S_IFDIR
	if m.names != nil && !isFolder {
		m.names.add(name, &st)
	}
	m.size.see(st.Ctim)
	return isFolder, m.size.add(bytesOf(&st))
}

func (m *measurement) miss(name string, err error) {
	if m.unread == nil {
		m.unread = fmt.Errorf("looking at %s, which the installer left: %w", shown(name), cause(err))
	}
}

// cause is an error without the path, which is anybody's choice.
func cause(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// bytesOf is what a file takes up, or what reading it would give: a sparse one
// is small and large.
func bytesOf(st *unix.Stat_t) int64 {
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return 0
	}
	return max(st.Size, st.Blocks*512)
}

// folder is one that is still to be read. The names of its parents are shared,
// so that many cost little.
type folder struct {
	parent *folder
	name   string
	depth  int
}

func (f *folder) path() string {
	if f.parent == nil {
		return f.name
	}
	return path.Join(f.parent.path(), f.name)
}
