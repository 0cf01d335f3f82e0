package elfhead

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// image makes an ELF file with an interpreter, or without one.
func image(t testing.TB, class elf.Class, order binary.ByteOrder, machine elf.Machine, interp string) []byte {
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
		name    string
		class   elf.Class
		order   binary.ByteOrder
		machine elf.Machine
		interp  string
	}{
		{"x86", elf.ELFCLASS64, binary.LittleEndian, elf.EM_X86_64, "/lib64/ld-linux-x86-64.so.2"},
		{"arm, musl", elf.ELFCLASS64, binary.LittleEndian, elf.EM_AARCH64, "/lib/ld-musl-aarch64.so.1"},
		{"s390", elf.ELFCLASS64, binary.BigEndian, elf.EM_S390, "/lib/ld64.so.1"},
		{"386", elf.ELFCLASS32, binary.LittleEndian, elf.EM_386, "/lib/ld-linux.so.2"},
		{"big 32", elf.ELFCLASS32, binary.BigEndian, elf.EM_S390, "/lib/ld.so.1"},
		{"static", elf.ELFCLASS64, binary.LittleEndian, elf.EM_X86_64, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(bytes.NewReader(image(t, tc.class, tc.order, tc.machine, tc.interp)))
			require.NoError(t, err)
			require.Equal(t, tc.class, got.Class)
			require.Equal(t, tc.order, got.ByteOrder)
			require.Equal(t, tc.machine, got.Machine)
			require.Equal(t, tc.interp, got.Interp)
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	good := image(t, elf.ELFCLASS64, binary.LittleEndian, elf.EM_X86_64, "/lib64/ld-linux-x86-64.so.2")
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

// TestRead_IgnoresSections: no loader needs their headers, and those of a hostile
// file make debug/elf panic or take gigabytes.
func TestRead_IgnoresSections(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		class                 elf.Class
		order                 binary.ByteOrder
		offset, num, strIndex int
	}{
		{elf.ELFCLASS64, binary.LittleEndian, 40, 60, 62},
		{elf.ELFCLASS32, binary.BigEndian, 32, 48, 50},
	} {
		for _, num := range []uint16{0, 1, 0xffff} {
			b := image(t, tc.class, tc.order, elf.EM_X86_64, "/lib/ld.so")
			at := len(b)
			b = append(b, make([]byte, 64)...)
			tc.order.PutUint32(b[tc.offset:], uint32(at))
			tc.order.PutUint16(b[tc.num:], num)
			tc.order.PutUint16(b[tc.strIndex:], 0xfff0)
			_, err := elf.NewFile(bytes.NewReader(b))
			require.Error(t, err, "the control")
			r := &counting{ReaderAt: bytes.NewReader(b)}
			got, err := Read(r)
			require.NoError(t, err)
			require.Equal(t, "/lib/ld.so", got.Interp)
			require.LessOrEqual(t, r.n, at+16, "two headers and the interpreter are read")
		}
	}
}

// counting counts the bytes that are asked for.
type counting struct {
	io.ReaderAt
	n int
}

func (c *counting) ReadAt(b []byte, offset int64) (int, error) {
	c.n += len(b)
	return c.ReaderAt.ReadAt(b, offset)
}

// TestRead_IgnoresTheVersion, as the kernel does.
func TestRead_IgnoresTheVersion(t *testing.T) {
	t.Parallel()
	b := image(t, elf.ELFCLASS64, binary.LittleEndian, elf.EM_X86_64, "/lib/ld.so")
	b[elf.EI_VERSION] = 0
	got, err := Read(bytes.NewReader(b))
	require.NoError(t, err)
	require.Equal(t, "/lib/ld.so", got.Interp)
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
		require.Equal(t, ref.FileHeader, got.FileHeader)
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
	f.Add(image(f, elf.ELFCLASS64, binary.LittleEndian, elf.EM_X86_64, "/lib64/ld-linux-x86-64.so.2"))
	f.Add(image(f, elf.ELFCLASS32, binary.BigEndian, elf.EM_S390, "/lib/ld.so.1"))
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
