package image_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// Whatever is wrong with a layer is found, also behind the end of what an
// archive needs.
func TestADamagedLayerIsAnError(t *testing.T) {
	tests := map[string]struct {
		change func(dt []byte) []byte
		want   string
	}{
		"changed":         {func(dt []byte) []byte { dt[600]++; return dt }, "something else than its digest says"},
		"changed padding": {func(dt []byte) []byte { dt[1530]++; return dt }, "something else than its digest says"},
		"too short":       {func(dt []byte) []byte { return dt[:len(dt)-512] }, "and should have"},
		"too long":        {func(dt []byte) []byte { return append(dt, 0) }, "it has more than"},
		"empty":           {func([]byte) []byte { return nil }, "it has 0 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dt := archive(t, "file", strings.Repeat("x", 1000))
			l, layer := oneLayer(t, plainLayer, dt)
			require.NoError(t, os.WriteFile(l.path(layer.Digest), tt.change(bytes.Clone(dt)), 0o600))
			_, err := readLayer(t, open(t, l.ref()).Manifests[0].Layers[0])
			var damaged *image.DamagedError
			require.ErrorAs(t, err, &damaged)
			require.ErrorContains(t, err, tt.want)
			require.Equal(t, layer.Digest, damaged.Digest)
		})
	}
}

func TestALayerIsWhatTheConfigSays(t *testing.T) {
	l := newLayout(t)
	layer := l.blob(plainLayer, archive(t, "file", "content"))
	l.index(l.image([]digest.Digest{digest.FromString("another")}, layer))
	_, err := readLayer(t, open(t, l.ref()).Manifests[0].Layers[0])
	require.ErrorContains(t, err, "unpacked it holds something else than the config says")
}

func TestADamagedDocumentIsAnError(t *testing.T) {
	l := newLayout(t)
	layer := l.blob(plainLayer, archive(t, "file", "content"))
	m := l.image([]digest.Digest{layer.Digest}, layer)
	l.index(m)
	dt, err := os.ReadFile(l.path(m.Digest))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(l.path(m.Digest), bytes.ToUpper(dt), 0o600))
	_, err = image.Open(t.Context(), l.ref(), image.Options{})
	require.ErrorContains(t, err, "something else than its digest says")

	require.NoError(t, os.Remove(l.path(m.Digest)))
	_, err = image.Open(t.Context(), l.ref(), image.Options{})
	require.ErrorContains(t, err, "and does not have it")
}

func TestRefusals(t *testing.T) {
	tar := archive(t, "file", "content")
	huge := ocispecs.Descriptor{MediaType: ocispecs.MediaTypeImageManifest, Digest: digest.FromString("x"), Size: 1 << 40}
	tests := map[string]struct {
		index func(l *layout) []ocispecs.Descriptor
		want  string
	}{
		"fewer layers than the config has": {func(l *layout) []ocispecs.Descriptor {
			return []ocispecs.Descriptor{l.image([]digest.Digest{digest.FromBytes(tar)})}
		}, "the manifest has 0 layers, and the config 1"},
		"a huge document": {func(*layout) []ocispecs.Descriptor { return []ocispecs.Descriptor{huge} }, "are not read"},
		"a digest that is none": {func(*layout) []ocispecs.Descriptor {
			return []ocispecs.Descriptor{{MediaType: ocispecs.MediaTypeImageManifest, Digest: "sha256:../../etc/passwd", Size: 1}}
		}, "invalid checksum digest"},
		"schema 1": {func(*layout) []ocispecs.Descriptor {
			return []ocispecs.Descriptor{{MediaType: "application/vnd.docker.distribution.manifest.v1+prettyjws", Digest: digest.FromString("x")}}
		}, "schema 1"},
		"indexes without end": {func(l *layout) []ocispecs.Descriptor {
			d := l.image(nil)
			for range 10 {
				d = l.json(ocispecs.MediaTypeImageIndex, ocispecs.Index{Manifests: []ocispecs.Descriptor{d}})
			}
			return []ocispecs.Descriptor{d}
		}, "nested too deep"},
		"no image": {func(l *layout) []ocispecs.Descriptor {
			return []ocispecs.Descriptor{l.blob("application/vnd.example", []byte("x"))}
		}, "there is no image in it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLayout(t)
			l.index(tt.index(l)...)
			_, err := image.Open(t.Context(), l.ref(), image.Options{})
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestLayersThatCannotBeRead(t *testing.T) {
	var bomb bytes.Buffer
	z, err := zstd.NewWriter(&bomb)
	require.NoError(t, err)
	_, err = z.Write(make([]byte, 8<<20))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	tests := map[string]struct {
		mediaType string
		content   []byte
		want      string
	}{
		"encrypted":     {plainLayer + "+encrypted", []byte("x"), "it is encrypted"},
		"no tar":        {plainLayer, bytes.Repeat([]byte("x"), 2000), "invalid tar header"},
		"a bomb":        {ocispecs.MediaTypeImageLayerZstd, bomb.Bytes(), errLimit.Error()},
		"a sparse file": {plainLayer, sparse(t), errLimit.Error()},
		// A frame that asks for a window of 512 MB, and an empty block.
		"a large window": {ocispecs.MediaTypeImageLayerZstd, []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 19 << 3, 1, 0, 0}, "window size exceeded"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l, _ := oneLayer(t, tt.mediaType, tt.content)
			_, err := open(t, l.ref()).Manifests[0].Layers[0].Walk(t.Context(), &contents{files: map[string]string{}}, &limit{left: 4 << 20})
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// sparse returns an archive of one file, which holds a terabyte of nothing and
// one byte.
func sparse(t *testing.T) []byte {
	t.Helper()
	const size = "1099511627776"
	records := ""
	for _, r := range []string{"GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=file", "GNU.sparse.realsize=" + size} {
		records += fmt.Sprintf("%d %s\n", len(r)+4, r)
	}
	header := archive(t, "PaxHeaders/file", records)[:1024]
	header[156] = 'x'
	copy(header[148:156], "        ")
	sum := 0
	for _, b := range header[:512] {
		sum += int(b)
	}
	copy(header[148:156], fmt.Sprintf("%06o\x00 ", sum))
	// The map of what is not nothing takes a block.
	content := "1\n1099511627775\n1\n"
	content += strings.Repeat("\x00", 512-len(content)) + "x"
	return append(header, archive(t, "GNUSparseFile/file", content)...)
}

func TestAnArchiveCostsWhatItHas(t *testing.T) {
	window := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 19 << 3, 1, 0, 0}
	tests := map[string]struct {
		archive []byte
		want    string
	}{
		"sparse file": {sparse(t), "it has a sparse file"},
		// It is an image, of a layer that cannot be read.
		"large window": {saved(t, window), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "image.tar")
			require.NoError(t, os.WriteFile(name, tt.archive, 0o600))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			img, err := image.Open(t.Context(), name, image.Options{Temp: t.TempDir()})
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<20))
			if tt.want != "" {
				require.ErrorContains(t, err, tt.want)
				return
			}
			require.NoError(t, err)
			require.NoError(t, img.Close())
		})
	}
}

// saved returns an archive as of docker save with one layer.
func saved(t *testing.T, layer []byte) []byte {
	t.Helper()
	config, err := json.Marshal(ocispecs.Image{RootFS: ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromBytes(layer)}}})
	require.NoError(t, err)
	const end = 1024
	var out []byte
	for name, content := range map[string]string{
		"config.json": string(config), "layer.tar": string(layer), "manifest.json": `[{"Config":"config.json","Layers":["layer.tar"]}]`,
	} {
		dt := archive(t, name, content)
		out = append(out, dt[:len(dt)-end]...)
	}
	return append(out, make([]byte, end)...)
}
