package elf

import (
	"bytes"
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

// Tags of a dynamic section.
const (
	tagNull        = 0
	tagNeeded      = 1
	tagStringTable = 5
)

// Needed returns the libraries that a dynamic file asks its loader for, in
// their order (DT_NEEDED).
func Needed(r io.ReaderAt) ([]string, error) {
	_, l, programs, err := read(r)
	if err != nil {
		return nil, err
	}
	var (
		needed []uint64
		names  uint64
		found  bool
	)
	err = l.dynamic(r, programs, func(tag, value uint64) {
		switch {
		case tag == tagNeeded && len(needed) < maxNeeded:
			needed = append(needed, value)
		case tag == tagStringTable:
			names, found = value, true
		}
	})
	if err != nil || len(needed) == 0 {
		return nil, err
	}
	if names, found = l.fileOffset(programs, names); !found {
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

// dynamic calls f for each entry of the dynamic section.
func (l *layout) dynamic(r io.ReaderAt, programs []byte, f func(tag, value uint64)) error {
	word := 4
	if l.wide {
		word = 8
	}
	for ; len(programs) > 0; programs = programs[l.entry:] {
		if l.order.Uint32(programs) != typeDynamic {
			continue
		}
		size := l.word(programs[l.size:])
		if size > maxDynamic || size%uint64(2*word) != 0 {
			return fmt.Errorf("%w: dynamic section of %d bytes", ErrFormat, size)
		}
		entries := make([]byte, size)
		if err := readAt(r, entries, l.word(programs[l.offset:])); err != nil {
			return fmt.Errorf("reading the dynamic section: %w", err)
		}
		for ; len(entries) > 0; entries = entries[2*word:] {
			tag := l.word(entries)
			if tag == tagNull {
				return nil
			}
			f(tag, l.word(entries[word:]))
		}
	}
	return nil
}

// fileOffset tells where in the file an address comes from.
func (l *layout) fileOffset(programs []byte, address uint64) (uint64, bool) {
	for ; len(programs) > 0; programs = programs[l.entry:] {
		begin, size := l.word(programs[l.address:]), l.word(programs[l.size:])
		if l.order.Uint32(programs) == typeLoad && address >= begin && address-begin < size {
			return l.word(programs[l.offset:]) + address - begin, true
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
