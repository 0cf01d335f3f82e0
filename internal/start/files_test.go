package start

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"bytes"

	"github.com/stretchr/testify/require"
)

// tree is a root file system in memory, with the working directory /work.
// What it counts shows that a fast start stays one.
type tree struct {
	fstest.MapFS
	opened []string
}

func newTree(files map[string]string) *tree {
	t := &tree{MapFS: fstest.MapFS{}}
	for name, content := range files {
		t.put(name, 0o755, content)
	}
	return t
}

func (t *tree) put(name string, mode fs.FileMode, content string) *tree {
	t.MapFS[strings.TrimPrefix(name, "/")] = &fstest.MapFile{Data: []byte(content), Mode: mode}
	return t
}

func inside(name string) string {
	if !path.IsAbs(name) {
		name = "/srv/" + name
	}
	if name = strings.TrimPrefix(path.Clean(name), "/"); name == "" {
		return "."
	}
	return name
}

func (t *tree) Open(name string) (File, error) {
	t.opened = append(t.opened, name)
	f, err := t.MapFS.Open(inside(name))
	if err != nil {
		return nil, err
	}
	return f.(File), nil
}

func (t *tree) Stat(name string) (fs.FileInfo, error) { return t.MapFS.Stat(inside(name)) }

func (t *tree) ReadDir(name string) ([]string, error) {
	entries, err := t.MapFS.ReadDir(inside(name))
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (t *tree) Executable(name string) error {
	info, err := t.Stat(name)
	if err != nil {
		return err
	}
	if info.Mode()&0o111 == 0 {
		return fs.ErrPermission
	}
	return nil
}

func (t *tree) Writable(name string) bool {
	info, err := t.Stat(name)
	return err == nil && info.IsDir() && info.Mode()&0o222 != 0
}

// binary is the head of an executable: for a machine, with a loader or static.
func binaryFor(t testing.TB, machine elf.Machine, interp string) string {
	t.Helper()
	var b bytes.Buffer
	h := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1},
		Type:  uint16(elf.ET_DYN), Machine: uint16(machine), Phoff: 64, Phentsize: 56, Phnum: 1,
	}
	p := elf.Prog64{Type: uint32(elf.PT_INTERP), Off: 120, Filesz: uint64(len(interp) + 1)}
	if interp == "" {
		p.Type = uint32(elf.PT_LOAD)
	}
	require.NoError(t, binary.Write(&b, binary.LittleEndian, h))
	require.NoError(t, binary.Write(&b, binary.LittleEndian, p))
	b.WriteString(interp + "\x00")
	return b.String()
}

const (
	glibcLoader = "/lib64/ld-linux-x86-64.so.2"
	muslLoader  = "/lib/ld-musl-x86_64.so.1"
)

func TestRead(t *testing.T) {
	t.Parallel()
	files := newTree(map[string]string{"/a/small": "12345", "/a/big": "123456"})
	files.put("/a/pipe", fs.ModeNamedPipe|0o644, "")
	b, err := read(files, "/a/small", 5)
	require.NoError(t, err)
	require.Equal(t, "12345", string(b))
	_, err = read(files, "/a/big", 5)
	require.EqualError(t, err, "larger than 5 bytes")
	_, err = read(files, "/a/pipe", 5)
	require.ErrorIs(t, err, errIrregular, "it could block for ever")
	_, err = read(files, "/a", 5)
	require.ErrorIs(t, err, errIrregular)
	_, err = read(files, "/a/none", 5)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NotContains(t, err.Error(), "/a/none")
}

// TestSystem is the real file system.
func TestSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := System()
	require.True(t, files.Writable(dir))
	require.False(t, files.Writable(dir+"/none"))
	require.ErrorIs(t, files.Executable(dir+"/none"), fs.ErrNotExist)
	names, err := files.ReadDir("/")
	require.NoError(t, err)
	require.Contains(t, names, "proc")
	_, err = files.ReadDir(dir + "/none")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, syscall.Mkfifo(dir+"/pipe", 0o644))
	_, err = files.ReadDir(dir + "/pipe")
	require.ErrorIs(t, err, syscall.ENOTDIR, "at once")
	require.NoError(t, os.Mkdir(dir+"/many", 0o755))
	for i := range 2 * maxBindings {
		require.NoError(t, os.WriteFile(fmt.Sprintf("%s/many/%d", dir, i), nil, 0o644))
	}
	names, err = files.ReadDir(dir + "/many")
	require.NoError(t, err)
	require.Len(t, names, maxBindings+1)
	require.NotContains(t, names, "..")
	b, err := read(files, "/proc/self/exe", 1<<30)
	require.NoError(t, err)
	require.NotEmpty(t, b)
}
