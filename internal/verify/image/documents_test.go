package image_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/platforms"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// others returns descriptors of images that are for another platform.
func others(n int) []ocispecs.Descriptor {
	var out []ocispecs.Descriptor
	for i := range n {
		out = append(out, ocispecs.Descriptor{
			MediaType: ocispecs.MediaTypeImageManifest, Digest: digest.FromString(fmt.Sprint(i)), Size: 1,
			Platform: &ocispecs.Platform{OS: "linux", Architecture: "s390x"},
		})
	}
	return out
}

func TestOpen_HasABoundOfManifests(t *testing.T) {
	amd64 := image.Options{Platforms: []ocispecs.Platform{platforms.MustParse("linux/amd64")}}
	for n, want := range map[int]string{1000: "it is not for linux/amd64: it has linux/s390x", 1001: "it names more than 1000 manifests"} {
		l := newLayout(t)
		l.index(others(n)...)
		_, err := image.Open(t.Context(), l.ref(), amd64)
		require.ErrorContains(t, err, want, n)
	}
}

func TestOpen_HasABoundOfLayers(t *testing.T) {
	for n, want := range map[int]string{4096: "the manifest has 4096 layers, and the config 0", 4097: "names more than 4096 layers"} {
		l := newLayout(t)
		l.index(l.image(nil, make([]ocispecs.Descriptor, n)...))
		_, err := image.Open(t.Context(), l.ref(), image.Options{})
		require.ErrorContains(t, err, want, n)
	}
}

func TestOpen_HasABoundOfNestedIndexes(t *testing.T) {
	for n, want := range map[int]string{4: "", 5: "its indexes are nested too deep"} {
		l := newLayout(t)
		d := l.image(nil)
		for range n {
			d = l.json(ocispecs.MediaTypeImageIndex, ocispecs.Index{Manifests: []ocispecs.Descriptor{d}})
		}
		l.index(d)
		img, err := image.Open(t.Context(), l.ref(), image.Options{})
		if want != "" {
			require.ErrorContains(t, err, want, n)
			continue
		}
		require.NoError(t, err)
		require.Len(t, img.Documents, 5)
		require.NoError(t, img.Close())
	}
}

// A document is read up to 8 MiB.
func TestOpen_HasABoundOfBytes(t *testing.T) {
	const most = 8 << 20
	for size, want := range map[int]string{most: "", most + 1: "its index.json has more than 8388608 bytes"} {
		l := newLayout(t)
		l.index(l.image(nil))
		name := filepath.Join(l.dir, ocispecs.ImageIndexFile)
		dt, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, append(dt, bytes.Repeat([]byte(" "), size-len(dt))...), 0o600))
		img, err := image.Open(t.Context(), l.ref(), image.Options{})
		if want != "" {
			require.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		require.NoError(t, img.Close())
	}
}

func TestOpen_RefusesDocumentsThatAreNotJSON(t *testing.T) {
	for want, index := range map[string]func(l *layout) []ocispecs.Descriptor{
		"is no valid JSON": func(l *layout) []ocispecs.Descriptor {
			return []ocispecs.Descriptor{l.blob(ocispecs.MediaTypeImageIndex, []byte("{"))}
		},
		"the manifest sha256:": func(l *layout) []ocispecs.Descriptor {
			return []ocispecs.Descriptor{l.blob(ocispecs.MediaTypeImageManifest, []byte("["))}
		},
		"the config sha256:": func(l *layout) []ocispecs.Descriptor {
			config := l.blob(ocispecs.MediaTypeImageConfig, []byte("x"))
			return []ocispecs.Descriptor{l.json(ocispecs.MediaTypeImageManifest, ocispecs.Manifest{Config: config})}
		},
		"reading the config": func(l *layout) []ocispecs.Descriptor {
			config := ocispecs.Descriptor{MediaType: ocispecs.MediaTypeImageConfig, Digest: digest.FromString("x"), Size: 1}
			return []ocispecs.Descriptor{l.json(ocispecs.MediaTypeImageManifest, ocispecs.Manifest{Config: config})}
		},
	} {
		l := newLayout(t)
		l.index(index(l)...)
		_, err := image.Open(t.Context(), l.ref(), image.Options{})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "reading "+l.ref())
	}
	l := newLayout(t)
	l.file(ocispecs.ImageIndexFile, []byte("["))
	_, err := image.Open(t.Context(), l.ref(), image.Options{})
	require.ErrorContains(t, err, "its index.json is no valid JSON")
	require.NoError(t, os.Remove(filepath.Join(l.dir, ocispecs.ImageIndexFile)))
	_, err = image.Open(t.Context(), l.ref(), image.Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestOpen_RefusesAPartThatIsADirectory(t *testing.T) {
	l := newLayout(t)
	m := l.image(nil)
	l.index(m)
	require.NoError(t, os.Remove(l.path(m.Digest)))
	require.NoError(t, os.Mkdir(l.path(m.Digest), 0o755))
	_, err := image.Open(t.Context(), l.ref(), image.Options{})
	require.ErrorContains(t, err, m.Digest.String()+" is no regular file")
}

// The name that a descriptor has is the image's, and its platform that of the
// image.
func TestOpen_GoesByTheDescriptor(t *testing.T) {
	l := newLayout(t)
	m := l.image(nil)
	m.Platform = &ocispecs.Platform{OS: "linux", Architecture: "aarch64"}
	m.Annotations = map[string]string{"io.containerd.image.name": "a/b:1", ocispecs.AnnotationRefName: "1"}
	l.index(m, m)
	img := open(t, l.ref())
	require.Len(t, img.Manifests, 1, "it is named twice")
	require.Empty(t, img.Digest, "there are two")
	require.Equal(t, "linux/arm64", img.Manifests[0].Platform)
	require.Equal(t, "a/b:1", img.Manifests[0].Tag)
	for _, want := range []bool{true, false} {
		arch := map[bool]string{true: "linux/arm64", false: "linux/amd64"}[want]
		img, err := image.Open(t.Context(), l.ref(), image.Options{Platforms: []ocispecs.Platform{platforms.MustParse(arch)}})
		require.Equal(t, want, err == nil, arch)
		if err == nil {
			require.NoError(t, img.Close())
		}
	}
}

func TestOpen_SaysWhatARegistryRefuses(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusUnauthorized: "log in with docker login", http.StatusForbidden: "the registry refuses it", http.StatusNotFound: "the registry does not have it",
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		_, err := image.Open(t.Context(), strings.TrimPrefix(srv.URL, "http://")+"/a:1", image.Options{})
		srv.Close()
		require.ErrorContains(t, err, want, status)
	}
}

func TestWalk_TellsHowFarItIs(t *testing.T) {
	dt := archive(t, "file", "content")
	l, layer := oneLayer(t, plainLayer, dt)
	progress, meter := &told{}, &ledger{}
	img, err := image.Open(t.Context(), l.ref(), image.Options{Progress: progress})
	require.NoError(t, err)
	defer func() { require.NoError(t, img.Close()) }()
	_, err = img.Manifests[0].Layers[0].Walk(t.Context(), &contents{files: map[string]string{}}, meter)
	require.NoError(t, err)
	require.Equal(t, []string{"layer " + layer.Digest.Encoded()[:12]}, progress.begun)
	require.Equal(t, []int64{int64(len(dt))}, progress.sizes)
	require.Equal(t, []int{len(dt), len(dt), len(dt)}, []int{progress.bytes, meter.stored, meter.unpacked})
}
