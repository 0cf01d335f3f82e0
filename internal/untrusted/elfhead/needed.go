package elfhead

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
)

// Limits of a dynamic section and its names. Real ones have some dozens of
// entries; the names hold every dynamic symbol's.
const (
	maxDynamic = 1 << 20
	maxNeeded  = 256
	maxName    = 4096
)

// Needed returns the libraries that a dynamic file asks its loader for, in
// their order (DT_NEEDED).
//
// It reads what the program headers name, as a loader does. What debug/elf reads,
// ImportedLibraries, is what the section headers name: no loader looks at those.
func Needed(r io.ReaderAt) ([]string, error) {
	f, err := open(r)
	if err != nil {
		return nil, err
	}
	var (
		needed []uint64
		names  uint64
		found  bool
	)
	err = dynamic(r, f, func(tag elf.DynTag, value uint64) {
		switch {
		case tag == elf.DT_NEEDED && len(needed) < maxNeeded:
			needed = append(needed, value)
		case tag == elf.DT_STRTAB:
			names = value
		}
	})
	if err != nil || len(needed) == 0 {
		return nil, err
	}
	if names, found = fileOffset(f, names); !found {
		return nil, fmt.Errorf("%w: it has no table of names", ErrFormat)
	}
	var out []string
	for _, at := range needed {
		name, err := readName(r, names+at)
		if err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, nil
}

// dynamic calls fn for each entry of the dynamic section.
func dynamic(r io.ReaderAt, f *elf.File, fn func(tag elf.DynTag, value uint64)) error {
	word, number := 8, f.ByteOrder.Uint64
	if f.Class == elf.ELFCLASS32 {
		word, number = 4, func(b []byte) uint64 { return uint64(f.ByteOrder.Uint32(b)) }
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_DYNAMIC {
			continue
		}
		if p.Filesz > maxDynamic || p.Filesz%uint64(2*word) != 0 {
			return fmt.Errorf("%w: dynamic section of %d bytes", ErrFormat, p.Filesz)
		}
		entries := make([]byte, p.Filesz)
		if err := readAt(r, entries, p.Off); err != nil {
			return fmt.Errorf("reading the dynamic section: %w", err)
		}
		for ; len(entries) > 0; entries = entries[2*word:] {
			tag := elf.DynTag(number(entries))
			if tag == elf.DT_NULL {
				return nil
			}
			fn(tag, number(entries[word:]))
		}
	}
	return nil
}

// fileOffset tells where in the file an address comes from.
func fileOffset(f *elf.File, address uint64) (uint64, bool) {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && address >= p.Vaddr && address-p.Vaddr < p.Filesz {
			return p.Off + address - p.Vaddr, true
		}
	}
	return 0, false
}

func readName(r io.ReaderAt, offset uint64) (string, error) {
	if offset > 1<<62 {
		return "", ErrFormat
	}
	b := make([]byte, maxName)
	n, err := r.ReadAt(b, int64(offset))
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("reading the name of a library: %w", err)
	}
	name, _, ok := bytes.Cut(b[:n], []byte{0})
	if !ok {
		return "", fmt.Errorf("%w: the name of a library has no end", ErrFormat)
	}
	return string(name), nil
}
