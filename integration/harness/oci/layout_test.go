package oci_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/pkg/archive/compression"
	digest "github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/oci"
)

// A writer makes layouts as BuildKit does.
type writer struct {
	t   *testing.T
	dir string
}

func newWriter(t *testing.T) *writer {
	w := &writer{t: t, dir: t.TempDir()}
	w.file(ocispecs.ImageLayoutFile, []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return w
}

func (w *writer) file(name string, data []byte) {
	name = filepath.Join(w.dir, name)
	require.NoError(w.t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(w.t, os.WriteFile(name, data, 0o644))
}

func (w *writer) blob(mediaType string, data []byte) ocispecs.Descriptor {
	dgst := digest.FromBytes(data)
	w.file("blobs/sha256/"+dgst.Encoded(), data)
	return ocispecs.Descriptor{MediaType: mediaType, Digest: dgst, Size: int64(len(data))}
}

func (w *writer) json(mediaType string, v any) ocispecs.Descriptor {
	data, err := json.Marshal(v)
	require.NoError(w.t, err)
	return w.blob(mediaType, data)
}

func (w *writer) index(manifests ...ocispecs.Descriptor) {
	data, err := json.Marshal(index(manifests...))
	require.NoError(w.t, err)
	w.file(ocispecs.ImageIndexFile, data)
}

func index(manifests ...ocispecs.Descriptor) ocispecs.Index {
	return ocispecs.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispecs.MediaTypeImageIndex,
		Manifests: manifests,
	}
}

// manifest writes one whose layers are there already.
func (w *writer) manifest(config ocispecs.Descriptor, layers ...ocispecs.Descriptor) ocispecs.Descriptor {
	return w.json(ocispecs.MediaTypeImageManifest, ocispecs.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispecs.MediaTypeImageManifest,
		Config:    config,
		Layers:    layers,
	})
}

// A layer is a tar archive and how it is stored.
type layer struct {
	files       []file
	compression compression.Compression
}

type file struct{ name, content string }

func (l layer) tar(t *testing.T) []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, f := range l.files {
		header := &tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.content)), Uid: os.Getuid(), Gid: os.Getgid()}
		require.NoError(t, w.WriteHeader(header))
		_, err := io.WriteString(w, f.content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return buf.Bytes()
}

// image writes an image with a Healthcheck, which OCI's own config lacks.
func (w *writer) image(architecture string, layers ...layer) ocispecs.Descriptor {
	var diffIDs []digest.Digest
	var blobs []ocispecs.Descriptor
	for _, l := range layers {
		data := l.tar(w.t)
		diffIDs = append(diffIDs, digest.FromBytes(data))
		var buf bytes.Buffer
		c, err := compression.CompressStream(&buf, l.compression)
		require.NoError(w.t, err)
		_, err = c.Write(data)
		require.NoError(w.t, err)
		require.NoError(w.t, c.Close())
		blobs = append(blobs, w.blob(ocispecs.MediaTypeImageLayerGzip, buf.Bytes()))
	}
	config := w.json(ocispecs.MediaTypeImageConfig, map[string]any{
		"architecture": architecture,
		"os":           "linux",
		"config":       map[string]any{"Entrypoint": []string{"/app"}, "Healthcheck": map[string]any{"Test": []string{"CMD", "/probe"}}},
		"rootfs":       ocispecs.RootFS{Type: "layers", DiffIDs: diffIDs},
	})
	return w.manifest(config, blobs...)
}

// attestation writes a statement about an image.
func (w *writer) attestation(about ocispecs.Descriptor, statement string) ocispecs.Descriptor {
	blob := w.blob("application/vnd.in-toto+json", []byte(statement))
	blob.Annotations = map[string]string{"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"}
	desc := w.manifest(w.json(ocispecs.MediaTypeImageConfig, map[string]any{}), blob)
	desc.Annotations = map[string]string{
		"vnd.docker.reference.type":   "attestation-manifest",
		"vnd.docker.reference.digest": about.Digest.String(),
	}
	return desc
}

// open opens the layout, as a directory or as an archive of it.
func (w *writer) open(archived bool) *oci.Layout {
	name := w.dir
	if archived {
		name = filepath.Join(w.t.TempDir(), "out.tar")
		f, err := os.Create(name)
		require.NoError(w.t, err)
		t := tar.NewWriter(f)
		require.NoError(w.t, t.AddFS(os.DirFS(w.dir)))
		require.NoError(w.t, t.Close())
		require.NoError(w.t, f.Close())
	}
	l, err := oci.Open(name)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, l.Close()) })
	return l
}

// both runs a test on a directory and on an archive.
func both(t *testing.T, test func(t *testing.T, archived bool)) {
	t.Run("directory", func(t *testing.T) { test(t, false) })
	t.Run("archive", func(t *testing.T) { test(t, true) })
}

// exported is a layout with all that BuildKit may write: a nested index, two
// platforms, an attestation, and a blob that nothing points at.
func exported(t *testing.T) *writer {
	w := newWriter(t)
	amd64 := w.image("amd64",
		layer{[]file{{"etc/kept", "kept"}, {"etc/gone", "gone"}}, compression.Gzip},
		layer{[]file{{"etc/.wh.gone", ""}, {"app", "sentinel-layer"}}, compression.Zstd},
	)
	arm64 := w.image("arm64", layer{[]file{{"app", "arm"}}, compression.Uncompressed})
	statement := w.attestation(amd64, `{"sentinel":"sentinel-statement"}`)
	w.blob("", []byte("sentinel-orphan"))
	w.index(w.json(ocispecs.MediaTypeImageIndex, index(amd64, arm64, statement)))
	return w
}

func TestImages(t *testing.T) {
	both(t, func(t *testing.T, archived bool) {
		l := exported(t).open(archived)
		images, err := l.Images()
		require.NoError(t, err)
		require.Len(t, images, 2)

		image, err := l.Image("linux/amd64")
		require.NoError(t, err)
		require.Len(t, image.DiffIDs(), 2)
		require.Equal(t, []string{"/app"}, image.Config.Config.Entrypoint)
		require.Equal(t, []string{"CMD", "/probe"}, image.Config.Config.Healthcheck.Test)

		_, err = l.Image("")
		require.ErrorContains(t, err, "[linux/amd64 linux/arm64]")

		attestations, err := image.Attestations()
		require.NoError(t, err)
		require.Len(t, attestations, 1)
		require.Equal(t, "https://slsa.dev/provenance/v1", attestations[0].PredicateType)
		require.JSONEq(t, `{"sentinel":"sentinel-statement"}`, string(attestations[0].Statement))
	})
}

func TestUnpack(t *testing.T) {
	both(t, func(t *testing.T, archived bool) {
		image, err := exported(t).open(archived).Image("linux/amd64")
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, image.Unpack(t.Context(), dir))
		app, err := os.ReadFile(filepath.Join(dir, "app"))
		require.NoError(t, err)
		require.Equal(t, "sentinel-layer", string(app))
		require.FileExists(t, filepath.Join(dir, "etc/kept"))
		require.NoFileExists(t, filepath.Join(dir, "etc/gone"))
		require.NoFileExists(t, filepath.Join(dir, "etc/.wh.gone"))
	})
}

func TestEachBlob(t *testing.T) {
	both(t, func(t *testing.T, archived bool) {
		w := exported(t)
		l := w.open(archived)
		found := map[string]string{}
		blobs := 0
		err := l.EachBlob(func(desc ocispecs.Descriptor, content io.Reader) error {
			blobs++
			data, err := io.ReadAll(content)
			for _, word := range []string{"sentinel-layer", "sentinel-statement", "sentinel-orphan", "etc/gone"} {
				if strings.Contains(string(data), word) {
					found[word] = desc.MediaType
				}
			}
			return err
		})
		require.NoError(t, err)
		require.Equal(t, map[string]string{
			"sentinel-layer":     ocispecs.MediaTypeImageLayerGzip,
			"sentinel-statement": "application/vnd.in-toto+json",
			"sentinel-orphan":    "",
			"etc/gone":           ocispecs.MediaTypeImageLayerGzip,
		}, found)
		files, err := filepath.Glob(w.dir + "/blobs/sha256/*")
		require.NoError(t, err)
		require.Equal(t, len(files)+2, blobs)
	})
}

func TestEachBlobReadsCaches(t *testing.T) {
	w := newWriter(t)
	record := w.blob("application/vnd.buildkit.cacheconfig.v0", []byte(`{"sentinel":"record"}`))
	cached := w.blob(ocispecs.MediaTypeImageLayer, layer{files: []file{{"f", "cached"}}}.tar(t))
	w.index(w.json(ocispecs.MediaTypeImageIndex, index(cached, record)))
	var types []string
	err := w.open(false).EachBlob(func(desc ocispecs.Descriptor, _ io.Reader) error {
		types = append(types, desc.MediaType)
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, types, "application/vnd.buildkit.cacheconfig.v0")
	require.Contains(t, types, ocispecs.MediaTypeImageLayer)
}

func TestDamage(t *testing.T) {
	both(t, func(t *testing.T, archived bool) {
		w := newWriter(t)
		image := w.image("amd64", layer{[]file{{"app", "right"}}, compression.Uncompressed})
		w.index(image)
		wrong := layer{files: []file{{"app", "wrong"}}}.tar(t)
		right := layer{files: []file{{"app", "right"}}}.tar(t)
		w.file("blobs/sha256/"+digest.FromBytes(right).Encoded(), wrong)
		l := w.open(archived)

		got, err := l.Image("")
		require.NoError(t, err)
		require.ErrorContains(t, got.Unpack(t.Context(), t.TempDir()), "something else than its digest says")
		err = l.EachBlob(func(ocispecs.Descriptor, io.Reader) error { return nil })
		require.ErrorContains(t, err, "something else than its digest says")
	})
}

func TestOpenRefuses(t *testing.T) {
	_, err := oci.Open(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = oci.Open(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
	text := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("no archive ", 100)), 0o600))
	_, err = oci.Open(text)
	require.ErrorContains(t, err, "as a tar archive")
}
