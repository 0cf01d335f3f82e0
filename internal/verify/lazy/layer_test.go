package lazy

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
	digest "github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

// plain returns a layer as BuildKit writes it: directories, a long name, a
// sticky directory, links, an attribute, an empty file, and files of one chunk,
// of exactly one, and of three.
func plain(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(h tar.Header, content string) {
		h.Size, h.Format = int64(len(content)), tar.FormatPAX
		require.NoError(t, w.WriteHeader(&h))
		_, err := io.WriteString(w, content)
		require.NoError(t, err)
	}
	epoch := time.Unix(0, 0)
	add(tar.Header{Typeflag: tar.TypeDir, Name: "opt/", Mode: 0o755, ModTime: epoch}, "")
	add(tar.Header{Typeflag: tar.TypeDir, Name: "opt/log/", Mode: 0o1777, ModTime: epoch}, "")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "opt/a", Mode: 0o644, ModTime: epoch}, "library")
	add(tar.Header{Typeflag: tar.TypeLink, Name: "opt/b", Linkname: "opt/a", Mode: 0o644, ModTime: epoch}, "")
	add(tar.Header{Typeflag: tar.TypeSymlink, Name: "opt/c", Linkname: strings.Repeat("x", 150), Mode: 0o777, ModTime: epoch}, "")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "opt/" + strings.Repeat("long/", 40) + "name", Mode: 0o644, Uid: 7, Uname: "me", ModTime: time.Unix(1700000000, 5)}, "x")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "opt/empty", Mode: 0o644, ModTime: epoch, PAXRecords: map[string]string{"SCHILY.xattr.user.x": "1"}}, "")
	add(tar.Header{Typeflag: tar.TypeReg, Name: "opt/one", Mode: 0o755, ModTime: epoch}, strings.Repeat("y", chunkSize))
	add(tar.Header{Typeflag: tar.TypeReg, Name: "opt/three", Mode: 0o755, ModTime: epoch}, strings.Repeat("z", 2*chunkSize+1))
	require.NoError(t, w.Close())
	return b.Bytes()
}

// lossless is what BuildKit makes of a layer.
func lossless(t *testing.T, layer []byte, chunk int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := estargz.NewWriter(&b)
	w.ChunkSize = chunk
	require.NoError(t, w.AppendTarLossLess(bytes.NewReader(layer)))
	_, err := w.Close()
	require.NoError(t, err)
	return unpacked(t, &b)
}

// converted is what tools make of a layer that convert images.
func converted(t *testing.T, layer []byte) []byte {
	t.Helper()
	blob, err := estargz.Build(io.NewSectionReader(bytes.NewReader(layer), 0, int64(len(layer))))
	require.NoError(t, err)
	defer blob.Close()
	return unpacked(t, blob)
}

func unpacked(t *testing.T, r io.Reader) []byte {
	t.Helper()
	z, err := gzip.NewReader(r)
	require.NoError(t, err)
	dt, err := io.ReadAll(z)
	require.NoError(t, err)
	return dt
}

// read follows a layer as dt-verify does.
func read(t *testing.T, layer []byte) *Layer {
	t.Helper()
	l := New()
	r := bytes.NewReader(layer)
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, l.Entry(h, tr))
		require.NoError(t, err)
	}
	_, err := io.Copy(io.Discard, l.Rest(r))
	require.NoError(t, err)
	return l
}

func TestContent(t *testing.T) {
	layer := plain(t)
	for name, form := range map[string][]byte{"by BuildKit": lossless(t, layer, 0), "converted": converted(t, layer)} {
		t.Run(name, func(t *testing.T) {
			require.NotEqual(t, digest.FromBytes(layer), digest.FromBytes(form), "control: another diff ID")
			content, index := read(t, form).Content()
			require.Equal(t, digest.FromBytes(layer), content)
			require.NotEmpty(t, index)
		})
	}
}

func TestOtherFormsHaveNoContent(t *testing.T) {
	layer := plain(t)
	for name, form := range map[string][]byte{
		"plain":                layer,
		"empty":                nil,
		"chunks of other size": lossless(t, layer, 1<<20),
		"more behind it":       append(lossless(t, layer, 0), "x"...),
		"two indexes":          append(lossless(t, layer, 0), lossless(t, layer, 0)[len(layer):]...),
		"a large landmark":     append(entry(t, estargz.PrefetchLandmark, "#!/bin/sh"), lossless(t, layer, 0)...),
		"a landmark elsewhere": append(entry(t, "x/../"+estargz.PrefetchLandmark, "x"), lossless(t, layer, 0)...),
		"an index in front":    append(converted(t, layer)[:0:0], append(entry(t, estargz.TOCTarName, "{}"), lossless(t, layer, 0)...)...),
	} {
		t.Run(name, func(t *testing.T) {
			content, index := read(t, form).Content()
			require.Empty(t, content)
			require.Empty(t, index)
		})
	}
}

// entry is an archive of one file without its end.
func entry(t *testing.T, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content))}))
	_, err := io.WriteString(w, content)
	require.NoError(t, err)
	require.NoError(t, w.Flush())
	return b.Bytes()
}

// Snapshotters go by the index: one that shows other files than the archive's
// makes the layer another.
func TestTheIndexCounts(t *testing.T) {
	layer := plain(t)
	form := lossless(t, layer, 0)
	toc, err := appended(form[len(layer):])
	require.NoError(t, err)
	for name, change := range map[string]func(*estargz.JTOC){
		"another content":   func(i *estargz.JTOC) { find(i, "opt/a").Digest = digest.FromString("evil").String() },
		"another chunk":     func(i *estargz.JTOC) { find(i, "opt/a").ChunkDigest = digest.FromString("evil").String() },
		"a later chunk":     func(i *estargz.JTOC) { i.Entries[len(i.Entries)-1].ChunkDigest = digest.FromString("evil").String() },
		"no digest":         func(i *estargz.JTOC) { find(i, "opt/a").ChunkDigest = "" },
		"another name":      func(i *estargz.JTOC) { find(i, "opt/a").Name = "opt/d" },
		"another owner":     func(i *estargz.JTOC) { find(i, "opt/a").UID = 1 },
		"set-user-id":       func(i *estargz.JTOC) { find(i, "opt/a").Mode |= 0o4000 },
		"another target":    func(i *estargz.JTOC) { find(i, "opt/c").LinkName = "/evil" },
		"another kind":      func(i *estargz.JTOC) { find(i, "opt/c").Type = "reg" },
		"another attribute": func(i *estargz.JTOC) { find(i, "opt/empty").Xattrs["user.x"] = []byte("2") },
		"one less":          func(i *estargz.JTOC) { i.Entries = i.Entries[:len(i.Entries)-1] },
		"one more":          func(i *estargz.JTOC) { i.Entries = append(i.Entries, &estargz.TOCEntry{Name: "opt/more", Type: "dir"}) },
		"a file behind":     func(i *estargz.JTOC) { i.Entries = append(i.Entries, find(i, "opt/a")) },
		"a landmark": func(i *estargz.JTOC) {
			i.Entries = append(i.Entries, &estargz.TOCEntry{Name: estargz.PrefetchLandmark, Type: "symlink", LinkName: "/evil"})
		},
		"nothing":         func(i *estargz.JTOC) { i.Entries = append(i.Entries, nil) },
		"another version": func(i *estargz.JTOC) { i.Version = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			var index estargz.JTOC
			require.NoError(t, json.Unmarshal(toc, &index))
			change(&index)
			dt, err := json.Marshal(index)
			require.NoError(t, err)
			content, _ := read(t, append(bytes.Clone(layer), entry(t, estargz.TOCTarName, string(dt))...)).Content()
			require.Empty(t, content)
		})
	}
	content, index := read(t, append(bytes.Clone(layer), entry(t, estargz.TOCTarName, string(toc))...)).Content()
	require.Equal(t, digest.FromBytes(layer), content, "control")
	require.Equal(t, digest.FromBytes(toc), index)
}

func find(i *estargz.JTOC, name string) *estargz.TOCEntry {
	for _, e := range i.Entries {
		if e.Name == name {
			return e
		}
	}
	panic(name)
}

func TestStop(t *testing.T) {
	l := New()
	l.Stop()
	h := &tar.Header{Typeflag: tar.TypeReg, Name: "x", Size: 1}
	_, err := io.Copy(io.Discard, l.Entry(h, strings.NewReader("x")))
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, l.Rest(strings.NewReader("x")))
	require.NoError(t, err)
	content, _ := l.Content()
	require.Empty(t, content)
}
