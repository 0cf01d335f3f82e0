package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/format"
)

const (
	// inMemory is how much of a file is kept in memory, in bytes. All but a few
	// files are smaller.
	inMemory = 8 << 20
	// nestedInMemory is the same for members of archives, which lie within one
	// another.
	nestedInMemory = 4 << 20
	// maxSpool bounds a file that is kept on disk, in bytes.
	maxSpool = 2 << 30
	// blockSize is how much is read at once.
	blockSize = 256 << 10
)

// spool reads files that come in a stream, and keeps what has to be looked at
// twice: small ones in memory, and large archives on disk.
type spool struct {
	memory []byte
	// max bounds the memory.
	max   int
	block []byte
	disk  *os.File
}

func newSpool(temp string, memory int) (*spool, error) {
	f, err := os.CreateTemp(temp, "dt-verify-")
	if err != nil {
		return nil, fmt.Errorf("making a temporary file: %w", err)
	}
	// Nobody else needs its name, and so nothing is left whatever happens.
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &spool{max: memory, block: make([]byte, blockSize), disk: f}, nil
}

func (s *spool) close() { _ = s.disk.Close() }

// file is one that was read.
type file struct {
	found []scan.Finding
	size  int64
	// kept is what was kept, or nil.
	kept io.ReaderAt
	// small is the content of a file that was kept in memory.
	small []byte
	// tooLarge says that it should have been kept.
	tooLarge bool
}

// read reads a file to its end and scans it. What it keeps is good until the
// next read.
func (s *spool) read(name string, r io.Reader, text *scan.Stream) (*file, error) {
	f := &file{}
	head, err := s.head(r, text)
	f.size = int64(len(head))
	if err == nil {
		err = s.rest(f, name, head, r, text)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	f.found = text.Findings()
	if f.size <= int64(s.max) && f.kept == nil {
		f.small, f.kept = head, bytes.NewReader(head)
	}
	return f, nil
}

// head reads as much as is kept in memory. The error is io.EOF where that is
// all. The memory grows as it is needed: most files are tiny.
func (s *spool) head(r io.Reader, text *scan.Stream) ([]byte, error) {
	s.memory = s.memory[:0]
	for len(s.memory) < s.max {
		n, err := r.Read(s.block[:min(blockSize, s.max-len(s.memory))])
		s.memory = append(s.memory, s.block[:n]...)
		text.Write(s.block[:n]) // it never fails
		if err != nil {
			return s.memory, err
		}
	}
	return s.memory, nil
}

// rest reads what is beyond head.
func (s *spool) rest(f *file, name string, head []byte, r io.Reader, text *scan.Stream) error {
	keep := io.Discard
	wanted := isWorthKeeping(name, head)
	if wanted {
		if err := s.disk.Truncate(0); err != nil {
			return err
		}
		if _, err := s.disk.WriteAt(head, 0); err != nil {
			return err
		}
		keep = io.NewOffsetWriter(s.disk, f.size)
	}
	for {
		n, err := r.Read(s.block)
		f.size += int64(n)
		text.Write(s.block[:n]) // it never fails
		if wanted && f.size > maxSpool {
			wanted, f.tooLarge, keep = false, true, io.Discard
		}
		if _, werr := keep.Write(s.block[:n]); werr != nil {
			return fmt.Errorf("keeping a file for a second look: %w", werr)
		}
		if err == nil {
			continue
		}
		if wanted {
			f.kept = s.disk
		}
		return err
	}
}

// headLength is how much of a file tells what it is.
const headLength = 512

// isWorthKeeping reports whether a large file may be an archive, also one that
// unpacks itself, or is a library that tells what it is made for.
func isWorthKeeping(name string, head []byte) bool {
	return looksPacked(head) || format.Is(head[:min(len(head), headLength)]) || path.Base(name) == agent.ProcessLibrary
}

// looksPacked reports whether a file begins as archives of the formats that the
// standard library reads do.
func looksPacked(head []byte) bool {
	for _, magic := range []string{"PK", "\x1f\x8b", "BZh", "x\x01", "x\x5e", "x\x9c", "x\xda", "#!"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	const ustar = 257
	return len(head) > ustar && bytes.HasPrefix(head[ustar:], []byte("ustar"))
}
