package elfhead

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNeeded reads what linkers made, against the standard library.
func TestNeeded(t *testing.T) {
	t.Parallel()
	files := []string{"/proc/self/exe", "/bin/sh"}
	for _, pattern := range []string{"/lib/*/libm.so.6", "/lib/*/libpthread.so.0", "/usr/bin/git"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		files = append(files, found...)
	}
	for _, name := range files {
		f, err := os.Open(name)
		require.NoError(t, err)
		t.Cleanup(func() { _ = f.Close() })
		ref, err := elf.NewFile(f)
		require.NoError(t, err)
		want, err := ref.ImportedLibraries()
		require.NoError(t, err)
		got, err := Needed(f)
		require.NoError(t, err, name)
		require.ElementsMatch(t, want, got, name)
	}
}

func TestNeededOfAStaticFile(t *testing.T) {
	t.Parallel()
	got, err := Needed(bytes.NewReader(image(t, elf.ELFCLASS64, binary.LittleEndian, elf.EM_X86_64, "")))
	require.NoError(t, err)
	require.Empty(t, got)
}

func FuzzNeeded(f *testing.F) {
	f.Add(image(f, elf.ELFCLASS64, binary.LittleEndian, elf.EM_X86_64, "/lib64/ld-linux-x86-64.so.2"))
	b, err := os.ReadFile("/bin/sh")
	require.NoError(f, err)
	f.Add(b[:min(len(b), 4<<10)])
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Needed(bytes.NewReader(b))
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
		}
		require.LessOrEqual(t, len(got), maxNeeded)
	})
}
