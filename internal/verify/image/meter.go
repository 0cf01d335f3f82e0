package image

import (
	"context"
	"fmt"
	"io"
)

// MaxPath bounds the path of a file and the target of a symlink, in bytes. It is
// the kernel's PATH_MAX: nothing can unpack a longer one.
const MaxPath = 4096

// Meter bounds what reading an image may cost. A small image can unpack to a
// large one, so the caller counts both sides.
type Meter interface {
	// Stored counts bytes as the image has them where it lies.
	Stored(n int)
	// Unpacked counts bytes that are shown to a visitor. An error ends the
	// reading.
	Unpacked(n int) error
	// Keep counts a name that is kept in memory. An error ends the reading.
	Keep(name string) error
	// Drop takes back what Keep counted.
	Drop(name string)
}

// metered counts what is read, and ends with its context: a few stored bytes may
// unpack to gigabytes.
type metered struct {
	ctx   context.Context
	r     io.Reader
	meter Meter
	// read counts what was read.
	read int64
}

// Read reads on within the bounds.
func (m *metered) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	m.read += int64(n)
	if merr := m.meter.Unpacked(n); merr != nil {
		return 0, merr
	}
	return n, err
}

// checkPaths refuses what no engine can unpack.
func checkPaths(name, target string) error {
	if n := max(len(name), len(target)); n > MaxPath {
		return fmt.Errorf("it has a path of %d bytes: a path has at most %d", n, MaxPath)
	}
	return nil
}
