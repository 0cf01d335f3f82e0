package start

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Files is the root file system that the app will see. Names are absolute or
// relative to the working directory.
type Files interface {
	Open(name string) (File, error)
	Stat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]string, error)
	// Executable returns nil where the process may execute the file.
	Executable(name string) error
	// Writable reports whether the process may make files in a directory.
	Writable(name string) bool
}

// File is an open file.
type File interface {
	io.ReadCloser
	io.ReaderAt
}

// errIrregular keeps us from waiting for ever on a pipe or a terminal.
var errIrregular = errors.New("no regular file")

// read returns a small regular file's content. Its error tells no content,
// and not the path: that is for the caller to name.
func read(files Files, name string, limit int64) ([]byte, error) {
	info, err := files.Stat(name)
	if err != nil {
		return nil, cause(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errIrregular
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, cause(err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("larger than %d bytes", limit)
	}
	return b, nil
}

// cause strips operation and path from an error of a file.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
