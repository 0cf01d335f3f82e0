package start

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// System returns the Files of this process.
func System() Files { return system{} }

type system struct{}

// Open does without os.File, whose first use sets up the runtime's poller:
// every start would pay for it.
func (system) Open(name string) (File, error) {
	d, err := open(name, 0)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func open(name string, flags int) (descriptor, error) {
	for {
		// Not blocking is for opening alone: a pipe without a writer.
		fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK|flags, 0)
		switch err {
		case nil:
			return descriptor(fd), nil
		case syscall.EINTR:
			continue
		}
		return -1, err
	}
}

func (system) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

func (system) ReadDir(name string) ([]string, error) {
	d, err := open(name, syscall.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var names []string
	buf := make([]byte, 8<<10)
	for len(names) <= maxBindings {
		n, err := once(buf, func() (int, error) { return syscall.ReadDirent(int(d), buf) })
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		_, _, names = syscall.ParseDirent(buf[:n], maxBindings+1-len(names), names)
	}
	return names, nil
}

// The modes of access(2).
const (
	accessExecute = 1
	accessWrite   = 2
)

func (system) Executable(name string) error { return syscall.Access(name, accessExecute) }

func (system) Writable(name string) bool {
	return syscall.Access(name, accessWrite|accessExecute) == nil
}

// descriptor is a File.
type descriptor int

func (d descriptor) Read(b []byte) (int, error) {
	return once(b, func() (int, error) { return syscall.Read(int(d), b) })
}

// ReadAt reads until b is full, as io.ReaderAt asks for.
func (d descriptor) ReadAt(b []byte, offset int64) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		rest := b[n:]
		m, err = once(rest, func() (int, error) { return syscall.Pread(int(d), rest, offset+int64(n)) })
		n += m
	}
	return n, err
}

func (d descriptor) Close() error { return syscall.Close(int(d)) }

// once reads once, in the manner of io.Reader.
func once(b []byte, read func() (int, error)) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		n, err := read()
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		return n, nil
	}
}
