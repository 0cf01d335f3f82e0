package verify_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

// layout is an OCI layout in the making, of which every byte can be chosen.
type layout struct {
	t   testing.TB
	dir string
}

func newLayout(t testing.TB) *layout {
	t.Helper()
	return layoutIn(t, filepath.Join(t.TempDir(), "layout"))
}

func layoutIn(t testing.TB, dir string) *layout {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ocispecs.ImageBlobsDir, "sha256"), 0o755))
	l := &layout{t, dir}
	l.file(ocispecs.ImageLayoutFile, []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return l
}

func (l *layout) ref() string { return "oci-layout://" + l.dir }

func (l *layout) file(name string, dt []byte) {
	l.t.Helper()
	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, name), dt, 0o600))
}

func (l *layout) blob(mediaType string, dt []byte) ocispecs.Descriptor {
	l.t.Helper()
	d := digest.FromBytes(dt)
	l.file(filepath.Join(ocispecs.ImageBlobsDir, "sha256", d.Encoded()), dt)
	return ocispecs.Descriptor{MediaType: mediaType, Digest: d, Size: int64(len(dt))}
}

func (l *layout) json(mediaType string, v any) ocispecs.Descriptor {
	l.t.Helper()
	dt, err := json.Marshal(v)
	require.NoError(l.t, err)
	return l.blob(mediaType, dt)
}

// stored is a layer as it lies in a layout.
type stored struct {
	desc   ocispecs.Descriptor
	diffID digest.Digest
}

// layer stores a layer, compressed by gzip, that write writes.
func (l *layout) layer(write func(t *tar.Writer)) stored {
	l.t.Helper()
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	require.NoError(l.t, err)
	hash := digest.Canonical.Digester()
	w := tar.NewWriter(io.MultiWriter(z, hash.Hash()))
	write(w)
	require.NoError(l.t, w.Close())
	require.NoError(l.t, z.Close())
	return stored{l.blob(ocispecs.MediaTypeImageLayerGzip, packed.Bytes()), hash.Digest()}
}

// agent stores a layer with some file of an agent's.
func (l *layout) agent() stored {
	return l.layer(func(w *tar.Writer) { put(l.t, w, oneagent+"x", nil) })
}

// gate makes an audit remember the most: every directory and symlink.
func gate(t testing.TB) []digest.Digest {
	t.Helper()
	return []digest.Digest{newLayout(t).agent().diffID}
}

// finish writes the documents of one image, which has an agent.
func (l *layout) finish(layers ...stored) {
	l.t.Helper()
	layers = append([]stored{l.agent()}, layers...)
	config := ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}, RootFS: ocispecs.RootFS{Type: "layers"}}
	var descs []ocispecs.Descriptor
	for _, s := range layers {
		descs = append(descs, s.desc)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, s.diffID)
	}
	m := l.json(ocispecs.MediaTypeImageManifest, ocispecs.Manifest{Config: l.json(ocispecs.MediaTypeImageConfig, config), Layers: descs})
	index, err := json.Marshal(ocispecs.Index{Manifests: []ocispecs.Descriptor{m}})
	require.NoError(l.t, err)
	l.file(ocispecs.ImageIndexFile, index)
}

// put writes a file into a layer.
func put(t testing.TB, w *tar.Writer, name string, content []byte) {
	t.Helper()
	require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644, Format: tar.FormatPAX}))
	_, err := w.Write(content)
	require.NoError(t, err)
}

// bomb is a file of zeros in gzip's form.
func bomb(t testing.TB, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	require.NoError(t, err)
	_, err = z.Write(make([]byte, size))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

// attack writes an image that is small, and costs a lot. Tests use them at a
// fraction of their size: a bound that holds for one holds for the other.
type attack func(t testing.TB, l *layout, files int)

// nestedGzip holds archives that are a thousand times larger.
func nestedGzip(t testing.TB, l *layout, files int) {
	inner := bomb(t, 16<<20)
	l.finish(l.layer(func(w *tar.Writer) {
		for i := range files {
			put(t, w, fmt.Sprintf("bomb%d.gz", i), inner)
		}
	}))
}

func hugeNames(t testing.TB, l *layout, files int) {
	l.finish(l.layer(func(w *tar.Writer) {
		for i := range files {
			put(t, w, fmt.Sprintf("%s/.wh.%d", strings.Repeat("n", 1_000_000), i), nil)
		}
	}))
}

// longNames are as long as a path may be.
func longNames(t testing.TB, l *layout, files int) {
	l.finish(l.layer(func(w *tar.Writer) {
		for i := range files {
			put(t, w, fmt.Sprintf("%d/%s/x", i, strings.Repeat("n", 4000)), nil)
		}
	}))
}

// deepFiles lie below a thousand directories, and other layers remove some.
func deepFiles(t testing.TB, l *layout, files int) {
	deep := strings.Repeat("d/", 1000)
	layers := []stored{l.layer(func(w *tar.Writer) {
		for i := range files {
			put(t, w, fmt.Sprintf("%s%d/manifest.json", deep, i), nil)
		}
	})}
	for i := range 100 {
		layers = append(layers, l.layer(func(w *tar.Writer) { put(t, w, fmt.Sprintf(".wh.x%d", i), nil) }))
	}
	l.finish(layers...)
}

// symlinks lead through 40 others, whose targets are as long as may be.
func symlinks(t testing.TB, l *layout, files int) {
	l.finish(l.layer(func(w *tar.Writer) {
		for i := range 40 {
			target := strings.Repeat("./", 2000) + fmt.Sprintf("link%d", i+1)
			require.NoError(t, w.WriteHeader(&tar.Header{Name: fmt.Sprintf("link%d", i), Typeflag: tar.TypeSymlink, Linkname: target, Format: tar.FormatPAX}))
		}
		for i := range files {
			put(t, w, fmt.Sprintf("link0/%d/x", i), nil)
		}
	}))
}

// manifests are small next to what they are in memory.
func manifests(t testing.TB, l *layout, files int) {
	var m strings.Builder
	m.WriteString(`{"version":"1","technologies":{`)
	for i := range 20_000 {
		fmt.Fprintf(&m, `"technology%d":{},`, i)
	}
	m.WriteString(`"x":{}}}`)
	l.finish(l.layer(func(w *tar.Writer) {
		for i := range files {
			put(t, w, fmt.Sprintf("%d/manifest.json", i), []byte(m.String()))
		}
	}))
}

// deepFolder makes a directory of many levels, and returns its path.
func deepFolder(t testing.TB, top string, levels int) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(top, 0o755))
	at, err := os.OpenRoot(top)
	require.NoError(t, err)
	for range levels {
		require.NoError(t, at.Mkdir("d", 0o755))
		next, err := at.OpenRoot("d")
		require.NoError(t, err)
		require.NoError(t, at.Close())
		at = next
	}
	require.NoError(t, at.Close())
	return top
}
