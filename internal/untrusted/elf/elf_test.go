package elf

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// image makes an ELF file with an interpreter, or without one.
func image(t testing.TB, class elf.Class, order binary.ByteOrder, machine Machine, interp string) []byte {
	t.Helper()
	data := elf.ELFDATA2LSB
	if order == binary.BigEndian {
		data = elf.ELFDATA2MSB
	}
	ident := [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(class), byte(data), 1}
	var b bytes.Buffer
	put := func(v any) { require.NoError(t, binary.Write(&b, order, v)) }
	text := append([]byte(interp), 0)
	if class == elf.ELFCLASS64 {
		h := elf.Header64{Ident: ident, Type: uint16(elf.ET_DYN), Machine: uint16(machine), Phoff: 64, Phentsize: 56, Phnum: 1}
		p := elf.Prog64{Type: uint32(elf.PT_INTERP), Off: 120, Filesz: uint64(len(text))}
		if interp == "" {
			p.Type = uint32(elf.PT_LOAD)
		}
		put(h)
		put(p)
	} else {
		h := elf.Header32{Ident: ident, Type: uint16(elf.ET_DYN), Machine: uint16(machine), Phoff: 52, Phentsize: 32, Phnum: 1}
		p := elf.Prog32{Type: uint32(elf.PT_INTERP), Off: 84, Filesz: uint32(len(text))}
		if interp == "" {
			p.Type = uint32(elf.PT_LOAD)
		}
		put(h)
		put(p)
	}
	b.Write(text)
	return b.Bytes()
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		class elf.Class
		order binary.ByteOrder
		want  File
	}{
		{"x86", elf.ELFCLASS64, binary.LittleEndian, File{64, true, MachineX86_64, "/lib64/ld-linux-x86-64.so.2", false}},
		{"arm, musl", elf.ELFCLASS64, binary.LittleEndian, File{64, true, MachineAArch64, "/lib/ld-musl-aarch64.so.1", false}},
		{"s390", elf.ELFCLASS64, binary.BigEndian, File{64, false, MachineS390, "/lib/ld64.so.1", false}},
		{"386", elf.ELFCLASS32, binary.LittleEndian, File{32, true, Machine386, "/lib/ld-linux.so.2", false}},
		{"big 32", elf.ELFCLASS32, binary.BigEndian, File{32, false, MachineS390, "/lib/ld.so.1", false}},
		{"static", elf.ELFCLASS64, binary.LittleEndian, File{64, true, MachineX86_64, "", false}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(bytes.NewReader(image(t, tc.class, tc.order, tc.want.Machine, tc.want.Interp)))
			require.NoError(t, err)
			require.Equal(t, &tc.want, got)
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	good := image(t, elf.ELFCLASS64, binary.LittleEndian, MachineX86_64, "/lib64/ld-linux-x86-64.so.2")
	change := func(at int, v ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], v)
		return b
	}
	for name, b := range map[string][]byte{
		"empty":               nil,
		"script":              []byte("#!/bin/sh\n"),
		"magic alone":         []byte("\x7fELF"),
		"half a header":       good[:60],
		"no program headers":  good[:64],
		"half an interpreter": good[:len(good)-4],
		"odd class":           change(4, 3),
		"odd byte order":      change(5, 0),
		"odd entry size":      change(54, 1),
		"many headers":        change(56, 0xff, 0xff),
		"headers far away":    change(32, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"huge interpreter":    change(64+32, 0xff, 0xff, 0xff),
		"empty interpreter":   change(64+32, 0),
		"interpreter away":    change(64+8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(bytes.NewReader(b))
			require.ErrorIs(t, err, ErrFormat)
		})
	}
}

// TestReadSelf reads what the linker made, against the standard library.
func TestReadSelf(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/proc/self/exe", "/bin/sh"} {
		f, err := os.Open(path)
		require.NoError(t, err)
		t.Cleanup(func() { _ = f.Close() })
		got, err := Read(f)
		require.NoError(t, err)
		ref, err := elf.NewFile(f)
		require.NoError(t, err)
		require.Equal(t, Machine(ref.Machine), got.Machine)
		require.Equal(t, ref.ByteOrder == binary.LittleEndian, got.LittleEndian)
		var interp string
		for _, p := range ref.Progs {
			if p.Type == elf.PT_INTERP {
				b := make([]byte, p.Filesz-1)
				_, err := p.ReadAt(b, 0)
				require.NoError(t, err)
				interp = string(b)
			}
		}
		require.Equal(t, interp, got.Interp)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(image(f, elf.ELFCLASS64, binary.LittleEndian, MachineX86_64, "/lib64/ld-linux-x86-64.so.2"))
	f.Add(image(f, elf.ELFCLASS32, binary.BigEndian, MachineS390, "/lib/ld.so.1"))
	f.Add([]byte("#!/bin/sh"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Read(bytes.NewReader(b))
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		require.LessOrEqual(t, len(got.Interp), maxInterp)
		require.NotContains(t, got.Interp, "\x00")
	})
}
