package elfhead

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxTable bounds the program headers, in bytes, as the kernel does.
//
// Source: linux, fs/binfmt_elf.c (load_elf_phdrs).
const maxTable = 64 << 10

// headers returns the file header and the program headers of r as an ELF file of
// their own, which has no sections. It has the one version that debug/elf takes:
// the kernel ignores the version.
func headers(r io.ReaderAt) ([]byte, error) {
	head := make([]byte, binary.Size(elf.Header64{}))
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the ELF header: %w", err)
	}
	head = head[:n]
	order := byteOrder(head)
	if order == nil {
		return nil, ErrFormat
	}
	head[elf.EI_VERSION] = byte(elf.EV_CURRENT)
	switch elf.Class(head[elf.EI_CLASS]) {
	case elf.ELFCLASS32:
		var h elf.Header32
		if _, err := binary.Decode(head, order, &h); err != nil {
			return nil, ErrFormat
		}
		t := table{uint64(h.Phoff), h.Phentsize, h.Phnum, binary.Size(elf.Prog32{})}
		h.Version, h.Phoff = uint32(elf.EV_CURRENT), uint32(binary.Size(h))
		h.Shoff, h.Shnum, h.Shstrndx = 0, 0, 0
		return t.behind(r, order, &h)
	case elf.ELFCLASS64:
		var h elf.Header64
		if _, err := binary.Decode(head, order, &h); err != nil {
			return nil, ErrFormat
		}
		t := table{h.Phoff, h.Phentsize, h.Phnum, binary.Size(elf.Prog64{})}
		h.Version, h.Phoff = uint32(elf.EV_CURRENT), uint64(binary.Size(h))
		h.Shoff, h.Shnum, h.Shstrndx = 0, 0, 0
		return t.behind(r, order, &h)
	}
	return nil, ErrFormat
}

// byteOrder returns nil for what is no ELF file.
func byteOrder(head []byte) binary.ByteOrder {
	if len(head) < elf.EI_NIDENT || !bytes.HasPrefix(head, []byte(elf.ELFMAG)) {
		return nil
	}
	switch elf.Data(head[elf.EI_DATA]) {
	case elf.ELFDATA2LSB:
		return binary.LittleEndian
	case elf.ELFDATA2MSB:
		return binary.BigEndian
	}
	return nil
}

// table says where the program headers are.
type table struct {
	offset     uint64
	size, num  uint16
	wantedSize int
}

// behind returns a file header with the program headers of r behind it.
func (t table) behind(r io.ReaderAt, order binary.ByteOrder, header any) ([]byte, error) {
	b, err := binary.Append(nil, order, header)
	if err != nil || t.num == 0 {
		return b, err
	}
	size := int(t.size) * int(t.num)
	if int(t.size) != t.wantedSize || size > maxTable {
		return nil, fmt.Errorf("%w: program headers of an odd size", ErrFormat)
	}
	programs := make([]byte, size)
	if err := readAt(r, programs, t.offset); err != nil {
		return nil, fmt.Errorf("reading the program headers: %w", err)
	}
	return append(b, programs...), nil
}
