package verify_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

const (
	// fuzzLayer is what a fuzzed image may unpack to.
	fuzzLayer = 64 << 20
	// fuzzMemory is what an audit of so little may ask for in all, in bytes.
	// With a decoder that is not bounded it is more at once.
	fuzzMemory = 768 << 20
)

// auditAny looks at what may be an image. It may be an error, and must be no
// panic, nor take more memory than it may.
func auditAny(t *testing.T, ref, temp string) {
	before := allocated()
	defer func() { require.Less(t, allocated()-before, uint64(fuzzMemory)) }()
	img, err := image.Open(t.Context(), ref, image.Options{Temp: temp})
	if err != nil {
		return
	}
	defer func() { require.NoError(t, img.Close()) }()
	r, err := verify.Audit(t.Context(), img, verify.Options{Temp: temp, MaxBytes: fuzzLayer, AgentLayers: []digest.Digest{digest.FromString("x")}})
	if err == nil {
		require.NotEmpty(t, r.Verdict)
	}
}

// allocated returns how much memory this process has ever asked for.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// FuzzArchive looks at archives of images.
func FuzzArchive(f *testing.F) {
	for _, img := range leaky.Good() {
		if img.Form == leaky.FormLayout {
			img.Form = leaky.FormArchive
		}
		name, err := img.Write(f.TempDir())
		require.NoError(f, err)
		dt, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(dt)
	}
	f.Fuzz(func(t *testing.T, dt []byte) {
		dir := t.TempDir()
		name := filepath.Join(dir, "image.tar")
		require.NoError(t, os.WriteFile(name, dt, 0o600))
		auditAny(t, name, dir)
	})
}

// FuzzLayer looks at an image with a layer of any bytes.
func FuzzLayer(f *testing.F) {
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x98\x01\x00\x00"))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add(archiveOf(f, map[string][]byte{"a/.wh.b": nil, "opt/.wh..wh..opq": nil, "opt/dynatrace/oneagent/manifest.json": []byte(`{"version":"1","technologies":{}}`)}))
	f.Add(archiveOf(f, map[string][]byte{"x.zip": []byte("PK\x03\x04"), "dynatrace-env.sh": []byte("export DT_TENANT=abc12345\n")}))
	f.Fuzz(func(t *testing.T, layer []byte) {
		dir := t.TempDir()
		blob := func(mediaType string, dt []byte) ocispecs.Descriptor {
			d := digest.FromBytes(dt)
			require.NoError(t, os.WriteFile(filepath.Join(dir, ocispecs.ImageBlobsDir, "sha256", d.Encoded()), dt, 0o600))
			return ocispecs.Descriptor{MediaType: mediaType, Digest: d, Size: int64(len(dt))}
		}
		require.NoError(t, os.MkdirAll(filepath.Join(dir, ocispecs.ImageBlobsDir, "sha256"), 0o700))
		l := blob(ocispecs.MediaTypeImageLayer, layer)
		config := blob(ocispecs.MediaTypeImageConfig, encode(t, ocispecs.Image{
			Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"},
			RootFS:   ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{l.Digest}},
		}))
		m := blob(ocispecs.MediaTypeImageManifest, encode(t, ocispecs.Manifest{Config: config, Layers: []ocispecs.Descriptor{l}}))
		index := encode(t, ocispecs.Index{Manifests: []ocispecs.Descriptor{m}})
		require.NoError(t, os.WriteFile(filepath.Join(dir, ocispecs.ImageIndexFile), index, 0o600))
		auditAny(t, "oci-layout://"+dir, dir)
	})
}

func encode(t *testing.T, v any) []byte {
	dt, err := json.Marshal(v)
	require.NoError(t, err)
	return dt
}

func archiveOf(t testing.TB, files map[string][]byte) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, dt := range files {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Size: int64(len(dt)), Mode: 0o644}))
		_, err := w.Write(dt)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// FuzzDocument looks at documents of any bytes.
func FuzzDocument(f *testing.F) {
	f.Add([]byte(`{"a":["DT_TENANT=abc12345",{"b":"eyJhIjoiYiJ9eyJhIjoiYiJ9"}]}`))
	f.Fuzz(func(t *testing.T, dt []byte) {
		img := &image.Image{Documents: []image.Document{{Kind: image.KindConfig, Text: dt}}}
		r, err := verify.Audit(t.Context(), img, verify.Options{Temp: t.TempDir()})
		require.NoError(t, err)
		require.Equal(t, 1, r.Looked.Documents)
	})
}
