package lazy

import (
	"archive/tar"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
	digest "github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

func TestIsLandmark_TakesOneForm(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(e *estargz.TOCEntry)
		want   bool
	}{
		"as it is":     {func(*estargz.TOCEntry) {}, true},
		"the other":    {func(e *estargz.TOCEntry) { e.Name = ".no.prefetch.landmark" }, true},
		"another name": {func(e *estargz.TOCEntry) { e.Name = "x" }, false},
		"another kind": {func(e *estargz.TOCEntry) { e.Type = "symlink" }, false},
		"empty":        {func(e *estargz.TOCEntry) { e.Size = 0 }, false},
		"two bytes":    {func(e *estargz.TOCEntry) { e.Size = 2 }, false},
		"mode":         {func(e *estargz.TOCEntry) { e.Mode = 1 }, false},
		"owner":        {func(e *estargz.TOCEntry) { e.UID = 1 }, false},
		"group":        {func(e *estargz.TOCEntry) { e.GID = 1 }, false},
		"attributes":   {func(e *estargz.TOCEntry) { e.Xattrs = map[string][]byte{"a": nil} }, false},
	} {
		e := estargz.TOCEntry{Name: ".prefetch.landmark", Type: "reg", Size: 1}
		tt.change(&e)
		require.Equal(t, tt.want, isLandmark(e), name)
	}
}

func TestIsOwn_KnowsWhatTheFormAdds(t *testing.T) {
	for name, want := range map[string]bool{
		"stargz.index.json": true, ".prefetch.landmark": true, ".no.prefetch.landmark": true, "/./stargz.index.json": true,
		"opt/stargz.index.json": false, "landmark": false, "": false,
	} {
		require.Equal(t, want, IsOwn(name), name)
	}
}

func TestEntryOf_SaysAllOfAFile(t *testing.T) {
	at := time.Unix(1700000000, 600_000_000)
	base := tar.Header{
		Name: "a", Linkname: "l", Size: 9, Mode: 0o4755, Uid: 1, Gid: 8, Devmajor: 3, Devminor: 4, ModTime: at,
		PAXRecords: map[string]string{"SCHILY.xattr.user.a": "1", "SCHILY.xattr.user.b": "2", "comment": "x"},
	}
	for flag, want := range map[byte]estargz.TOCEntry{
		tar.TypeReg: {Type: "reg", Size: 9}, tar.TypeDir: {Type: "dir"}, tar.TypeSymlink: {Type: "symlink", LinkName: "l"},
		tar.TypeLink: {Type: "hardlink", LinkName: "l"}, tar.TypeChar: {Type: "char", DevMajor: 3, DevMinor: 4},
		tar.TypeBlock: {Type: "block", DevMajor: 3, DevMinor: 4}, tar.TypeFifo: {Type: "fifo"},
	} {
		h := base
		h.Typeflag = flag
		want.Name, want.Mode, want.UID, want.GID, want.ModTime3339 = "a", 0o4755, 1, 8, "2023-11-14T22:13:21Z"
		want.Xattrs = map[string][]byte{"user.a": []byte("1"), "user.b": []byte("2")}
		got, err := entryOf(&h)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, want, compared(got), "all of it counts")
	}
	for name, h := range map[string]tar.Header{"no time": {Typeflag: tar.TypeDir}, "the epoch": {Typeflag: tar.TypeDir, ModTime: time.Unix(0, 0)}} {
		got, err := entryOf(&h)
		require.NoError(t, err)
		require.Equal(t, estargz.TOCEntry{Type: "dir"}, got, name)
	}
	_, err := entryOf(&tar.Header{Name: "x", Typeflag: tar.TypeCont})
	require.EqualError(t, err, "x is a file of another kind")
}

// What a snapshotter goes by is compared, and no name of a user.
func TestCompared_LeavesOutWhereAContentStands(t *testing.T) {
	e := estargz.TOCEntry{
		Digest: "d", ChunkOffset: 1, ChunkSize: 8, ChunkDigest: "c", Offset: 9, Uname: "me", Gname: "us", NumLink: 2, Xattrs: map[string][]byte{},
	}
	require.Equal(t, estargz.TOCEntry{Digest: "d", ChunkOffset: 1, ChunkSize: 8, ChunkDigest: "c"}, compared(e))
}

func TestAppended_TakesAnIndexAlone(t *testing.T) {
	whole := entry(t, estargz.TOCTarName, "{ }")
	const block = 512
	require.Len(t, whole, 2*block)
	end := make([]byte, 2*block)
	for name, archive := range map[string][]byte{
		"the archive": append(bytes.Clone(whole), end...), "no end": whole, "more padding": append(bytes.Clone(whole), make([]byte, 9*block)...),
	} {
		toc, err := appended(archive)
		require.NoError(t, err, name)
		require.Equal(t, "{ }", string(toc), name)
	}
	for name, archive := range map[string][]byte{
		"nothing": nil, "no index": entry(t, "x", "{ }"), "cut in it": whole[:block+2], "cut behind it": whole[:block+3], "cut in a block": whole[:2*block-1],
		"two files": append(bytes.Clone(whole), entry(t, "x", "y")...), "text behind it": append(append(bytes.Clone(whole), end...), 'x'),
	} {
		_, err := appended(archive)
		require.Error(t, err, name)
	}
}

func TestContent_LeavesOutLandmarks(t *testing.T) {
	layer := plain(t)
	form := lossless(t, layer, 0)
	for _, name := range []string{estargz.PrefetchLandmark, estargz.NoPrefetchLandmark} {
		content, _ := read(t, append(entry(t, name, "x"), form...)).Content()
		require.Equal(t, digest.FromBytes(layer), content, name)
		content, _ = read(t, append(entry(t, name, "xy"), form...)).Content()
		require.Empty(t, content, name)
	}
}

func TestContent_TakesNothingBehindAnIndex(t *testing.T) {
	form := converted(t, plain(t))
	for behind, want := range map[string]bool{"": true, "\x00\x00": true, "x": false, "\x00x": false} {
		content, index := read(t, append(bytes.Clone(form), behind...)).Content()
		require.Equal(t, want, content != "", "%q", behind)
		require.Equal(t, want, index != "", "%q", behind)
	}
}

func TestLayer_HasBounds(t *testing.T) {
	for more, want := range map[int]string{0: "", 1: "the layer's index is too large"} {
		l, kept := New(), []byte(nil)
		k := keeper{l, &kept}
		for _, size := range []int{16<<20 - 1, 1 + more} {
			n, err := k.Write(bytes.Repeat([]byte("x"), size))
			require.NoError(t, err)
			require.Equal(t, size, n)
		}
		if want == "" {
			require.NoError(t, l.err)
			require.Len(t, kept, 16<<20)
		} else {
			require.EqualError(t, l.err, want)
		}
	}
	for have, want := range map[int]string{100_000 - 1: "", 100_000: "the layer has too many files"} {
		l := New()
		l.entries = make([]estargz.TOCEntry, have)
		l.Entry(&tar.Header{Typeflag: tar.TypeDir, Name: "x"}, strings.NewReader(""))
		if want == "" {
			require.NoError(t, l.err)
			require.Len(t, l.entries, have+1)
		} else {
			require.EqualError(t, l.err, want)
		}
	}
}

// A caller that skips a part of a file has not seen the layer.
func TestEntry_WantsEachFileToItsEnd(t *testing.T) {
	for read, want := range map[int64]string{2: "a file was not read to its end", 3: ""} {
		l := New()
		r := l.Entry(&tar.Header{Typeflag: tar.TypeReg, Name: "x", Size: 3}, strings.NewReader("abc"))
		_, err := io.CopyN(io.Discard, r, read)
		require.NoError(t, err)
		l.finish()
		if want == "" {
			require.NoError(t, l.err)
		} else {
			require.EqualError(t, l.err, want)
		}
	}
	l := New()
	l.Entry(&tar.Header{Typeflag: 'Z', Name: "x"}, strings.NewReader(""))
	require.Error(t, l.err)
	kept := l.err
	l.Entry(&tar.Header{Typeflag: tar.TypeDir, Name: "y"}, strings.NewReader(""))
	require.Equal(t, kept, l.err)
	require.Empty(t, l.entries)
}

// A kept text begins with what is not padding.
func TestKeeper_LeavesOutPaddingInFront(t *testing.T) {
	l, kept := New(), []byte(nil)
	for _, part := range []string{"\x00\x00", "\x00a\x00", "\x00b"} {
		_, err := keeper{l, &kept}.Write([]byte(part))
		require.NoError(t, err)
	}
	require.Equal(t, "a\x00\x00b", string(kept))
}

func TestContent_HasNoneForALayerWithoutFiles(t *testing.T) {
	archive := append(make([]byte, 1024), entry(t, estargz.TOCTarName, `{"version":1,"entries":[]}`)...)
	content, index := read(t, archive).Content()
	require.Empty(t, content)
	require.Empty(t, index)
}
