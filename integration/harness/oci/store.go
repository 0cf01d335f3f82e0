package oci

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
)

// A store is the files of a layout, by their slash-separated paths in it.
type store interface {
	// open returns a file's content and size, or fs.ErrNotExist.
	open(name string) (io.ReadCloser, int64, error)
	// names returns the paths of all regular files, sorted.
	names() ([]string, error)
	io.Closer
}

// openStore takes a directory or an archive.
func openStore(name string) (store, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return newDirStore(name)
	}
	return newTarStore(name)
}

// dirStore reads a directory, and nothing outside it.
type dirStore struct {
	*os.Root
}

func newDirStore(name string) (store, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return dirStore{root}, nil
}

func (s dirStore) open(name string) (io.ReadCloser, int64, error) {
	f, err := s.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func (s dirStore) names() ([]string, error) {
	var names []string
	err := fs.WalkDir(s.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// tarStore reads an archive in place: images are too large to be held in
// memory, and need not be unpacked to be searched.
type tarStore struct {
	file    *os.File
	entries map[string]entry
}

type entry struct{ offset, size int64 }

func newTarStore(name string) (store, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	s := &tarStore{file: f, entries: map[string]entry{}}
	if err := s.index(); err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s as a tar archive: %w", name, err), f.Close())
	}
	return s, nil
}

// index notes where each file's content lies.
func (s *tarStore) index() error {
	r := tar.NewReader(s.file)
	for {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		// The reader has read the header and none of the content.
		offset, err := s.file.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		s.entries[path.Clean(header.Name)] = entry{offset: offset, size: header.Size}
	}
}

func (s *tarStore) open(name string) (io.ReadCloser, int64, error) {
	e, ok := s.entries[name]
	if !ok {
		return nil, 0, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return io.NopCloser(io.NewSectionReader(s.file, e.offset, e.size)), e.size, nil
}

func (s *tarStore) names() ([]string, error) {
	names := make([]string, 0, len(s.entries))
	for name := range s.entries {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func (s *tarStore) Close() error { return s.file.Close() }
