package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	dir := t.TempDir()
	name := filepath.Join(dir, "zip")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	to := filepath.Join(dir, "to")
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
		entry{"./agent/bin/1.2/lib/a.so", "library", 0o4711},
		entry{"manifest.json", "{}", 0o600},
	))
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join(dir, "agent/bin/current/a.so"))
	require.NoError(t, err)
	require.Equal(t, "library", string(b))
	info, err := os.Stat(filepath.Join(dir, "agent/bin/1.2/lib/a.so"))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o755), info.Mode(), "without setuid")
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
		"twice":                 {[]entry{{"a", "x", 0o644}, {"a", "y", 0o644}}, "file exists"},
		"below a file":          {[]entry{{"a", "x", 0o644}, {"a/b", "y", 0o644}}, "a/b"},
		"device":                {[]entry{{"a", "", fs.ModeDevice | 0o644}}, "no file, folder or symlink"},
		"character device":      {[]entry{{"a", "", fs.ModeDevice | fs.ModeCharDevice | 0o644}}, "no file, folder or symlink"},
		"pipe":                  {[]entry{{"a", "", fs.ModeNamedPipe | 0o644}}, "no file, folder or symlink"},
		"socket":                {[]entry{{"a", "", fs.ModeSocket | 0o644}}, "no file, folder or symlink"},
		"link to an absolute":   {[]entry{{"a", "/etc", fs.ModeSymlink | 0o777}}, "leads out"},
		"link out":              {[]entry{{"b/a", "../../x", fs.ModeSymlink | 0o777}}, "leads out"},
		"empty link":            {[]entry{{"a", "", fs.ModeSymlink | 0o777}}, "leads out"},
		"long link":             {[]entry{{"a", strings.Repeat("x", maxTarget+1), fs.ModeSymlink | 0o777}}, "leads out"},
		"a link and then on it": {[]entry{{"b/x", "", 0o644}, {"a", "b", fs.ModeSymlink | 0o777}, {"a/y", "y", 0o644}}, "file exists"},
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

// TestUnpackBoundsTheDirectory: the list is in memory.
func TestUnpackBoundsTheDirectory(t *testing.T) {
	t.Parallel()
	in := &bounded{r: bytes.NewReader(make([]byte, 100)), left: 50}
	_, err := in.ReadAt(make([]byte, 40), 0)
	require.NoError(t, err)
	_, err = in.ReadAt(make([]byte, 40), 0)
	require.ErrorIs(t, err, errDirectory)
	in.left = -1
	_, err = in.ReadAt(make([]byte, 40), 0)
	require.NoError(t, err)
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
	f.Fuzz(func(t *testing.T, b []byte) {
		dir, err := unpack(t, b)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
		}
		beside, err := os.ReadDir(filepath.Dir(dir))
		require.NoError(t, err)
		require.Len(t, beside, 2)
	})
}
