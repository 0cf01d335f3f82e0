package image_test

import (
	"archive/tar"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// ledger is a meter that counts all.
type ledger struct {
	stored, unpacked int
	kept, dropped    []string
	// refuse is the name that it has no room for.
	refuse string
}

func (l *ledger) Stored(n int) { l.stored += n }

func (l *ledger) Unpacked(n int) error {
	l.unpacked += n
	return nil
}

func (l *ledger) Keep(name string) error {
	if name == l.refuse {
		return errLimit
	}
	l.kept = append(l.kept, name)
	return nil
}

func (l *ledger) Drop(name string) { l.dropped = append(l.dropped, name) }

// seenFile is what a visitor is shown of a file.
type seenFile struct {
	kind         byte
	target, u, g string
	content      string
	failed       error
}

// headers is a visitor that keeps the headers.
type headers struct {
	image.Visitor
	files map[string]seenFile
	order []string
	err   map[string]error
}

func (h *headers) Entry(e *tar.Header, r io.Reader) error {
	dt, err := io.ReadAll(r)
	h.files[e.Name] = seenFile{kind: e.Typeflag, target: e.Linkname, u: e.Uname, g: e.Gname, content: string(dt), failed: err}
	h.order = append(h.order, e.Name)
	return h.err[e.Name]
}

// told counts what a read reports.
type told struct {
	begun []string
	sizes []int64
	bytes int
}

func (p *told) Start(what string, bytes int64) {
	p.begun, p.sizes = append(p.begun, what), append(p.sizes, bytes)
}

func (p *told) Read(n int) { p.bytes += n }

func TestFolder_ShowsAllKindsOfFiles(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.MkdirAll(in("b/deep"), 0o755))
	require.NoError(t, os.WriteFile(in("b/deep/file"), []byte("abc"), 0o600))
	require.NoError(t, os.Symlink("nowhere", in("a")))
	require.NoError(t, syscall.Mkfifo(in("pipe"), 0o600))
	socket, err := net.Listen("unix", in("s"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, socket.Close()) })
	require.NoError(t, os.Truncate(in("b/deep/file"), 1<<20))

	progress, meter := &told{}, &ledger{}
	img, err := image.Open(t.Context(), dir, image.Options{Progress: progress})
	require.NoError(t, err)
	defer func() { require.NoError(t, img.Close()) }()
	require.Equal(t, dir, img.Name)
	v := &headers{files: map[string]seenFile{}}
	diffID, err := img.Manifests[0].Layers[0].Walk(t.Context(), v, meter)
	require.NoError(t, err)
	require.Empty(t, diffID)

	require.Equal(t, []string{"a", "b", "b/deep", "b/deep/file", "pipe", "s"}, v.order)
	require.Len(t, v.files["b/deep/file"].content, 1<<20)
	v.files["b/deep/file"] = seenFile{kind: v.files["b/deep/file"].kind}
	require.Equal(t, map[string]seenFile{
		"a": {kind: tar.TypeSymlink, target: "nowhere"}, "b": {kind: tar.TypeDir}, "b/deep": {kind: tar.TypeDir},
		"b/deep/file": {kind: tar.TypeReg}, "pipe": {kind: tar.TypeFifo}, "s": {kind: tar.TypeFifo},
	}, v.files)

	require.Equal(t, []string{"folder"}, progress.begun)
	require.Equal(t, 1<<20, progress.bytes)
	require.Equal(t, 1<<20, meter.unpacked)
	require.Less(t, meter.stored, 1<<20, "the file is sparse")
	require.ElementsMatch(t, []string{"a", "b", "deep", "file", "pipe", "s"}, meter.kept)
	require.ElementsMatch(t, meter.kept, meter.dropped)
}

func TestFolder_CountsAFileOfOneBlockByItsSize(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("abc"), 0o600))
	meter := &ledger{}
	_, err := open(t, dir).Manifests[0].Layers[0].Walk(t.Context(), &headers{files: map[string]seenFile{}}, meter)
	require.NoError(t, err)
	require.Equal(t, 3, meter.stored)
}

func TestFolder_EndsWithItsVisitorAndItsBounds(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "a/b"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a/c"), nil, 0o600))
	layer := open(t, dir).Manifests[0].Layers[0]
	for _, name := range []string{"a", "a/b", "a/c"} {
		_, err := layer.Walk(t.Context(), &headers{files: map[string]seenFile{}, err: map[string]error{name: errLimit}}, &ledger{})
		require.ErrorIs(t, err, errLimit, name)
	}
	_, err := layer.Walk(t.Context(), &headers{files: map[string]seenFile{}}, &ledger{refuse: "c"})
	require.ErrorIs(t, err, errLimit)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	v := &headers{files: map[string]seenFile{}}
	_, err = layer.Walk(ctx, v, &ledger{})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, v.order)
	_, err = image.Open(t.Context(), dir, image.Options{Platforms: []ocispecs.Platform{platforms.MustParse("linux/amd64")}})
	require.ErrorContains(t, err, "it is a folder, which is for no platform")
}
