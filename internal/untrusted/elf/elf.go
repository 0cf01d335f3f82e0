package elf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Machine is an ELF file's e_machine.
type Machine uint16

// The machines that an agent exists for, and their 32-bit relatives.
const (
	Machine386     Machine = 3
	MachinePPC64   Machine = 21
	MachineS390    Machine = 22
	MachineARM     Machine = 40
	MachineX86_64  Machine = 62
	MachineAArch64 Machine = 183
)

// String returns the name that <elf.h> has for m.
func (m Machine) String() string {
	switch m {
	case Machine386:
		return "EM_386"
	case MachinePPC64:
		return "EM_PPC64"
	case MachineS390:
		return "EM_S390"
	case MachineARM:
		return "EM_ARM"
	case MachineX86_64:
		return "EM_X86_64"
	case MachineAArch64:
		return "EM_AARCH64"
	}
	return fmt.Sprintf("machine %d", uint16(m))
}

// File is what Read finds.
type File struct {
	// Bits is 32 or 64.
	Bits int
	// LittleEndian is the byte order.
	LittleEndian bool
	// Machine is what it was compiled for.
	Machine Machine
	// Interp is the loader (PT_INTERP), empty in a static executable and in a
	// library.
	Interp string
	// Dynamic says that there is a dynamic section: a dynamic executable, a
	// library, or a static one that can lie anywhere (static-pie).
	Dynamic bool
}

// Magic is what every ELF file begins with.
const Magic = "\x7fELF"

// ErrFormat says that a file is no ELF file.
var ErrFormat = errors.New("no ELF file")

// Limits of what is read: the kernel refuses program headers of more than
// 64 KiB and interpreters longer than a path.
const (
	maxHeaders = 64 << 10
	maxInterp  = 4096
)

// Program header types.
const (
	typeLoad    = 1
	typeDynamic = 2
	typeInterp  = 3
)

// Read reads the headers of an ELF file.
func Read(r io.ReaderAt) (*File, error) {
	f, _, _, err := read(r)
	return f, err
}

// read is Read that also returns what is needed to read on: how the file is
// laid out, and its program headers.
func read(r io.ReaderAt) (*File, *layout, []byte, error) {
	head := make([]byte, 64)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, nil, fmt.Errorf("reading the ELF header: %w", err)
	}
	l, f, err := parseIdent(head[:n])
	if err != nil {
		return nil, nil, nil, err
	}
	f.Machine = Machine(l.order.Uint16(head[18:]))
	table, err := l.programs(r, head, f)
	if err != nil {
		return nil, nil, nil, err
	}
	return f, l, table, nil
}

// layout tells where fields lie; class and byte order decide.
type layout struct {
	order                   binary.ByteOrder
	wide                    bool
	phoff, phentsize, phnum int // in the file header
	// Of a program header: its length, and where in it they are.
	entry, offset, address, size int
}

func parseIdent(head []byte) (*layout, *File, error) {
	if len(head) < 52 || !bytes.HasPrefix(head, []byte(Magic)) {
		return nil, nil, ErrFormat
	}
	f := &File{}
	l := &layout{}
	switch head[4] {
	case 1:
		f.Bits = 32
		*l = layout{phoff: 28, phentsize: 42, phnum: 44, entry: 32, offset: 4, address: 8, size: 16}
	case 2:
		if len(head) < 64 {
			return nil, nil, ErrFormat
		}
		f.Bits = 64
		*l = layout{wide: true, phoff: 32, phentsize: 54, phnum: 56, entry: 56, offset: 8, address: 16, size: 32}
	default:
		return nil, nil, ErrFormat
	}
	switch head[5] {
	case 1:
		f.LittleEndian = true
		l.order = binary.LittleEndian
	case 2:
		l.order = binary.BigEndian
	default:
		return nil, nil, ErrFormat
	}
	return l, f, nil
}

func (l *layout) word(b []byte) uint64 {
	if l.wide {
		return l.order.Uint64(b)
	}
	return uint64(l.order.Uint32(b))
}

// programs walks the program headers and returns them.
func (l *layout) programs(r io.ReaderAt, head []byte, f *File) ([]byte, error) {
	size, num := int(l.order.Uint16(head[l.phentsize:])), int(l.order.Uint16(head[l.phnum:]))
	if num == 0 {
		return nil, nil
	}
	if size != l.entry || size*num > maxHeaders {
		return nil, fmt.Errorf("%w: program headers of an odd size", ErrFormat)
	}
	table := make([]byte, size*num)
	if err := readAt(r, table, l.word(head[l.phoff:])); err != nil {
		return nil, fmt.Errorf("reading the program headers: %w", err)
	}
	for rest := table; len(rest) > 0; rest = rest[size:] {
		switch l.order.Uint32(rest) {
		case typeDynamic:
			f.Dynamic = true
		case typeInterp:
			name, err := l.interp(r, rest)
			if err != nil {
				return nil, err
			}
			f.Interp = name
		}
	}
	return table, nil
}

func (l *layout) interp(r io.ReaderAt, header []byte) (string, error) {
	size := l.word(header[l.size:])
	if size < 2 || size > maxInterp {
		return "", fmt.Errorf("%w: interpreter of %d bytes", ErrFormat, size)
	}
	name := make([]byte, size)
	if err := readAt(r, name, l.word(header[l.offset:])); err != nil {
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
