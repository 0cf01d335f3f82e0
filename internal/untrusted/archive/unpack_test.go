package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
	"github.com/stretchr/testify/require"
)

// entry is one of an archive.
type entry struct {
	name, content string
	mode          fs.FileMode
}

func pack(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		f, err := w.CreateHeader(h)
		require.NoError(t, err)
		_, err = f.Write([]byte(e.content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// unpack returns the folder, and the error.
func unpack(t testing.TB, b []byte) (string, error) {
	t.Helper()
	f := create(t)
	_, err := f.Write(b)
	require.NoError(t, err)
	return unpackFile(t, f)
}

func create(t testing.TB) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "zip"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func unpackFile(t testing.TB, f *os.File) (string, error) {
	t.Helper()
	to := filepath.Join(filepath.Dir(f.Name()), "to")
	require.NoError(t, os.Mkdir(to, 0o700))
	root, err := os.OpenRoot(to)
	require.NoError(t, err)
	defer root.Close()
	return to, Unpack(t.Context(), f, root)
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	dir, err := unpack(t, pack(t,
		entry{"agent/", "", fs.ModeDir | 0o700},
		entry{"agent/bin/current", "1.2/lib", fs.ModeSymlink | 0o777},
		entry{"./agent/bin/1.2/lib/a.so", "library", 0o711},
		entry{"manifest.json", "{}", 0o600},
	))
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join(dir, "agent/bin/current/a.so"))
	require.NoError(t, err)
	require.Equal(t, "library", string(b))
	info, err := os.Stat(filepath.Join(dir, "agent/bin/1.2/lib/a.so"))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o755), info.Mode())
	info, err = os.Stat(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o644), info.Mode(), "the app may be another user")
}

func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		entries []entry
		want    string
	}{
		"absolute":              {[]entry{{"/etc/passwd", "x", 0o644}}, "leads elsewhere"},
		"absolute folder":       {[]entry{{"/", "", fs.ModeDir | 0o755}}, "holds the name"},
		"up":                    {[]entry{{"../x", "x", 0o644}}, "leads elsewhere"},
		"up in the middle":      {[]entry{{"a/../../x", "x", 0o644}}, "leads elsewhere"},
		"up inside":             {[]entry{{"a/../x", "x", 0o644}}, "leads elsewhere"},
		"backslash":             {[]entry{{`..\x`, "x", 0o644}}, "leads elsewhere"},
		"NUL":                   {[]entry{{"a\x00b", "x", 0o644}}, "leads elsewhere"},
		"no name":               {[]entry{{"", "x", 0o644}}, "holds the name"},
		"double slash":          {[]entry{{"a//b", "x", 0o644}}, "leads elsewhere"},
		"twice":                 {[]entry{{"a", "x", 0o644}, {"a", "y", 0o644}}, `holds "a", or what it is in, twice`},
		"below a file":          {[]entry{{"a", "x", 0o644}, {"a/b", "y", 0o644}}, `holds "a/b", or what it is in, twice`},
		"device":                {[]entry{{"a", "", fs.ModeDevice | 0o644}}, "no file, folder or symlink"},
		"character device":      {[]entry{{"a", "", fs.ModeDevice | fs.ModeCharDevice | 0o644}}, "no file, folder or symlink"},
		"pipe":                  {[]entry{{"a", "", fs.ModeNamedPipe | 0o644}}, "no file, folder or symlink"},
		"socket":                {[]entry{{"a", "", fs.ModeSocket | 0o644}}, "no file, folder or symlink"},
		"link to an absolute":   {[]entry{{"a", "/etc", fs.ModeSymlink | 0o777}}, "leads out"},
		"link out":              {[]entry{{"b/a", "../../x", fs.ModeSymlink | 0o777}}, "leads out"},
		"empty link":            {[]entry{{"a", "", fs.ModeSymlink | 0o777}}, "leads nowhere"},
		"long link":             {[]entry{{"a", strings.Repeat("x", maxTarget+1), fs.ModeSymlink | 0o777}}, "leads nowhere"},
		"a link and then on it": {[]entry{{"b/x", "", 0o644}, {"a", "b", fs.ModeSymlink | 0o777}, {"a/y", "y", 0o644}}, `holds "a", or what it is in, twice`},
		"a link below a link":   {[]entry{{"b/x", "", 0o644}, {"a", "b", fs.ModeSymlink | 0o777}, {"a/y", "x", fs.ModeSymlink | 0o777}}, `holds "a", or what it is in, twice`},
		"links out together": {[]entry{
			{"b/c/x", "", 0o644}, {"b/c/up", "..", fs.ModeSymlink | 0o777}, {"out", "b/c/up/../..", fs.ModeSymlink | 0o777},
		}, "symlink out leads out"},
		"links in a circle": {[]entry{{"a", "b", fs.ModeSymlink | 0o777}, {"b", "a", fs.ModeSymlink | 0o777}}, "leads in circles"},
		"setuid":            {[]entry{{"a", "x", fs.ModeSetuid | 0o755}}, `"a" in the archive has rights of its own`},
		"setgid":            {[]entry{{"a", "x", fs.ModeSetgid | 0o755}}, `"a" in the archive has rights of its own`},
		"sticky":            {[]entry{{"a", "x", fs.ModeSticky | 0o755}}, `"a" in the archive has rights of its own`},
		"a file as root":    {[]entry{{".", "x", 0o644}}, "the archive itself"},
		"deep":              {[]entry{{strings.Repeat("d/", 64) + "x", "", 0o644}}, "too long"},
		"long":              {[]entry{{strings.Repeat("d", 1025), "", 0o644}}, "too long"},
		"bomb":              {[]entry{{"a", strings.Repeat("x", 2*freeBytes), 0o644}}, "no agent's does"},
		"lines in a name":   {[]entry{{"a\nb", "x", 0o644}, {"a\nb", "x", 0o644}}, `holds "a\nb", or what it is in, twice`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := unpack(t, pack(t, tc.entries...))
			require.ErrorContains(t, err, tc.want)
			beside, err := os.ReadDir(filepath.Dir(dir))
			require.NoError(t, err)
			require.Len(t, beside, 2, "nothing is written outside")
		})
	}
}

func TestUnpackRefusesWhatIsDamaged(t *testing.T) {
	t.Parallel()
	good := pack(t, entry{"a", strings.Repeat("content", 100), 0o644})
	flip := bytes.Clone(good)
	flip[45] ^= 0xff
	encrypted := bytes.Clone(good)
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	for name, b := range map[string][]byte{
		"empty": nil, "text": []byte("PK\x03\x04 and no more"), "cut": good[:len(good)-30], "flipped": flip, "encrypted": encrypted,
	} {
		_, err := unpack(t, b)
		require.Error(t, err, name)
	}
}

// TestUnpackRefusesAnEntryThatLies: what it holds is not what the list says.
func TestUnpackRefusesAnEntryThatLies(t *testing.T) {
	t.Parallel()
	b := pack(t, entry{"a", strings.Repeat("x", 2*freeBytes), 0o644})
	size := bytes.Index(b, []byte("PK\x01\x02")) + 24
	binary.LittleEndian.PutUint32(b[size:], 1000)
	dir, err := unpack(t, b)
	require.ErrorContains(t, err, `unpacking "a"`)
	st, err := os.Stat(filepath.Join(dir, "a"))
	require.NoError(t, err)
	require.LessOrEqual(t, st.Size(), int64(1000), "no more is written")
}

// TestUnpackRefusesFilesThatOverlap, of which a small archive may have many.
func TestUnpackRefusesFilesThatOverlap(t *testing.T) {
	t.Parallel()
	b := pack(t, entry{"a", "x", 0o644}, entry{"b", "x", 0o644})
	second := bytes.LastIndex(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[second+42:], 0)
	_, err := unpack(t, b)
	require.ErrorContains(t, err, "files in it overlap")
}

// TestUnpackBoundsFolders: one entry makes many.
func TestUnpackBoundsFolders(t *testing.T) {
	t.Parallel()
	var entries []entry
	for i := range foreign.MaxEntries/60 + 1 {
		entries = append(entries, entry{strconv.Itoa(i) + strings.Repeat("/d", 60) + "/", "", fs.ModeDir | 0o755})
	}
	_, err := unpack(t, pack(t, entries...))
	require.ErrorContains(t, err, "more than 100000 folders")
}

// TestUnpackBoundsMemory: what an archive lists is not read before it is
// counted.
func TestUnpackBoundsMemory(t *testing.T) { // alone
	const many = 10_000_000
	end := make([]byte, 56+20+22) // of a zip64
	copy(end, "PK\x06\x06")
	binary.LittleEndian.PutUint64(end[32:], many)
	binary.LittleEndian.PutUint64(end[40:], many*46)
	copy(end[56:], "PK\x06\x07")
	binary.LittleEndian.PutUint64(end[56+8:], many*46)
	copy(end[76:], "PK\x05\x06")
	copy(end[76+8:], bytes.Repeat([]byte{0xff}, 12))
	// Most of the list is a hole: it is not read.
	f := create(t)
	_, err := f.WriteAt([]byte("PK\x01\x02"), 0)
	require.NoError(t, err)
	_, err = f.WriteAt(end, many*46)
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = unpackFile(t, f)
	runtime.ReadMemStats(&after)
	require.ErrorContains(t, err, "10000000 entries")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestUnpackEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := &interruptible{ctx, strings.NewReader("x")}
	_, err := r.Read(make([]byte, 1))
	require.ErrorIs(t, err, context.Canceled)
}

func FuzzUnpack(f *testing.F) {
	f.Add(pack(f, entry{"agent/a", "x", 0o644}, entry{"b", "agent", fs.ModeSymlink | 0o777}))
	f.Add(pack(f, entry{"../a", "x", 0o644}))
	f.Add(pack(f, entry{"b/c/x", "x", 0o644}, entry{"b/c/up", "..", fs.ModeSymlink | 0o777}, entry{"up", "b/c/up/..", fs.ModeSymlink | 0o777}))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir, err := unpack(t, b)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
		} else {
			requireInside(t, dir)
		}
		beside, err := os.ReadDir(filepath.Dir(dir))
		require.NoError(t, err)
		require.Len(t, beside, 2)
	})
}

// requireInside fails if anything in a folder is elsewhere.
func requireInside(t testing.TB, dir string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		require.NoError(t, err)
		to, err := filepath.EvalSymlinks(name)
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			require.NoError(t, err)
			require.True(t, to == dir || strings.HasPrefix(to, dir+"/"), to)
		}
		return nil
	}))
}
