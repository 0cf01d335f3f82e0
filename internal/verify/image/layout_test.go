package image_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

// layout is one in the making, of which every part can be wrong.
type layout struct {
	t   *testing.T
	dir string
}

func newLayout(t *testing.T) *layout {
	l := &layout{t, t.TempDir()}
	l.file(ocispecs.ImageLayoutFile, []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return l
}

func (l *layout) ref() string { return "oci-layout://" + l.dir }

func (l *layout) file(name string, dt []byte) {
	name = filepath.Join(l.dir, name)
	require.NoError(l.t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(l.t, os.WriteFile(name, dt, 0o644))
}

func (l *layout) path(d digest.Digest) string {
	return filepath.Join(l.dir, "blobs", d.Algorithm().String(), d.Encoded())
}

func (l *layout) blob(mediaType string, dt []byte) ocispecs.Descriptor {
	d := digest.FromBytes(dt)
	l.file("blobs/sha256/"+d.Encoded(), dt)
	return ocispecs.Descriptor{MediaType: mediaType, Digest: d, Size: int64(len(dt))}
}

func (l *layout) json(mediaType string, v any) ocispecs.Descriptor {
	dt, err := json.Marshal(v)
	require.NoError(l.t, err)
	return l.blob(mediaType, dt)
}

// image writes one of layers that unpack to what has these digests.
func (l *layout) image(diffIDs []digest.Digest, layers ...ocispecs.Descriptor) ocispecs.Descriptor {
	config := ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}}
	config.RootFS = ocispecs.RootFS{Type: "layers", DiffIDs: diffIDs}
	return l.json(ocispecs.MediaTypeImageManifest, ocispecs.Manifest{
		MediaType: ocispecs.MediaTypeImageManifest,
		Config:    l.json(ocispecs.MediaTypeImageConfig, config), Layers: layers,
	})
}

func (l *layout) index(manifests ...ocispecs.Descriptor) {
	dt, err := json.Marshal(ocispecs.Index{MediaType: ocispecs.MediaTypeImageIndex, Manifests: manifests})
	require.NoError(l.t, err)
	l.file(ocispecs.ImageIndexFile, dt)
}

// oneLayer writes an image of one layer, stored as it is.
func oneLayer(t *testing.T, mediaType string, dt []byte) (*layout, ocispecs.Descriptor) {
	l := newLayout(t)
	layer := l.blob(mediaType, dt)
	l.index(l.image([]digest.Digest{layer.Digest}, layer))
	return l, layer
}

// archive returns a tar of one file.
func archive(t *testing.T, name, content string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644}))
	_, err := w.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}
