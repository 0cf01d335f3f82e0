package search

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Visit is called with each entry of a tree, after its name and target were
// looked at. The target is a symlink's.
type Visit func(name string, st fs.FileInfo, target string) error

// Walk looks at the names and targets of all entries below root, and calls visit
// with each, in lexical order. Symlinks are not followed.
func (s *Search) Walk(ctx context.Context, root *os.Root, visit Visit) error {
	return fs.WalkDir(root.FS(), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("walking the files: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		st, err := root.Lstat(name)
		if err != nil {
			return fmt.Errorf("looking at %s: %w", s.File(name), err)
		}
		target := ""
		if st.Mode()&fs.ModeSymlink != 0 {
			if target, err = root.Readlink(name); err != nil {
				return fmt.Errorf("reading symlink %s: %w", s.File(name), err)
			}
		}
		s.Entry(Entry{Name: name, Target: target})
		return visit(name, st, target)
	})
}

// Tree searches all below root: names, targets, contents and members of archives.
func (s *Search) Tree(ctx context.Context, root *os.Root) error {
	return s.Walk(ctx, root, func(name string, st fs.FileInfo, _ string) error {
		if !st.Mode().IsRegular() {
			return nil
		}
		f, err := root.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		stream := s.Scanner.Stream()
		size, err := io.Copy(stream, f)
		if err != nil {
			return err
		}
		return s.Members(ctx, s.File(name), f, size, stream.Findings())
	})
}
