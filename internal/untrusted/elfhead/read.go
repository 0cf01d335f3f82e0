package elfhead

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
)

// File is what Read finds.
type File struct {
	elf.FileHeader
	// Interp is the loader (PT_INTERP), empty in a static executable and in a
	// library.
	Interp string
}

// ErrFormat says that a file is no ELF file.
var ErrFormat = errors.New("no ELF file")

// maxInterp bounds the path of an interpreter, in bytes, as the kernel does.
//
// Source: linux, fs/binfmt_elf.c (load_elf_binary).
const maxInterp = 4096

// Read reads the headers of an ELF file.
func Read(r io.ReaderAt) (*File, error) {
	f, err := open(r)
	if err != nil {
		return nil, err
	}
	out := &File{FileHeader: f.FileHeader}
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		if out.Interp, err = interp(r, p.ProgHeader); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// open parses the headers. What the programs hold has to be read from r.
func open(r io.ReaderAt) (*elf.File, error) {
	head, err := headers(r)
	if err != nil {
		return nil, err
	}
	f, err := elf.NewFile(bytes.NewReader(head))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return f, nil
}

func interp(r io.ReaderAt, p elf.ProgHeader) (string, error) {
	if p.Filesz < 2 || p.Filesz > maxInterp {
		return "", fmt.Errorf("%w: interpreter of %d bytes", ErrFormat, p.Filesz)
	}
	name := make([]byte, p.Filesz)
	if err := readAt(r, name, p.Off); err != nil {
		return "", fmt.Errorf("reading the interpreter: %w", err)
	}
	name, _, _ = bytes.Cut(name, []byte{0})
	return string(name), nil
}

func readAt(r io.ReaderAt, b []byte, offset uint64) error {
	if offset > 1<<62 {
		return ErrFormat
	}
	if _, err := io.ReadFull(io.NewSectionReader(r, int64(offset), int64(len(b))), b); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: it is cut off", ErrFormat)
		}
		return err
	}
	return nil
}
