package verify_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/integration/standin/packed"
	"github.com/org/dt-frontend/internal/random"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// twoFiles is an archive of two files, of one byte each.
func twoFiles(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range []string{"first", "second"} {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Size: 1, Mode: 0o600}))
		_, err := w.Write([]byte("x"))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// A leak outside of files is told by the file behind it, or by the end.
func TestAudit_SaysWhereInAnArchiveALeakIs(t *testing.T) {
	t.Parallel()
	const block = 512
	for at, want := range map[int]verify.Leak{
		block + 2:   {Path: "second", Where: "in its header or the padding before it"},
		3*block + 2: {Where: "in its archive, around its end"},
	} {
		value := random.Text()
		archive := twoFiles(t)
		copy(archive[at:], value)
		l := newLayout(t)
		l.finish(stored{l.blob(ocispecs.MediaTypeImageLayer, archive), digest.FromBytes(archive)})
		r, err := look(t.Context(), t, l.ref(), verify.Options{Values: []scan.Value{{Kind: "it", Value: value}}})
		require.NoError(t, err)
		require.NotEmpty(t, r.Leaks, at)
		for _, leak := range r.Leaks {
			if leak.Kind == "it" {
				require.Equal(t, [3]string{want.Path, want.Where, "plain"}, [3]string{leak.Path, leak.Where, leak.Form}, at)
			}
		}
	}
}

// The files of an agent in an archive are looked at as such, up to a megabyte.
func TestAudit_ReadsAnAgentsFilesInArchives(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	for size, want := range map[int]bool{most: true, most + 1: false} {
		text := "[general]\ntenant abc12345\n"
		text += strings.Repeat("#", size-len(text)-1) + "\n"
		r := audit(t, fileOf("a.tar", packed.Tar("opt/dynatrace/oneagent/agent/conf/ruxitagentproc.conf", text)), verify.Options{})
		require.Equal(t, want, len(r.Leaks) > 0, size)
	}
}

func TestAudit_NamesTheImageOfEachPlatform(t *testing.T) {
	t.Parallel()
	l := newLayout(t)
	config := l.json(ocispecs.MediaTypeImageConfig, ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "s390x"}})
	m := l.json(ocispecs.MediaTypeImageManifest, ocispecs.Manifest{Config: config})
	m.Annotations = map[string]string{ocispecs.AnnotationRefName: "shop:1"}
	l.file(ocispecs.ImageIndexFile, mustJSON(t, ocispecs.Index{Manifests: []ocispecs.Descriptor{m}}))
	r, err := look(t.Context(), t, l.ref(), verify.Options{})
	require.NoError(t, err)
	require.Len(t, r.Platforms, 1)
	p := r.Platforms[0]
	require.Equal(t, []string{"linux/s390x", "shop:1", m.Digest.String()}, []string{p.Platform, p.Tag, p.Digest.String()})
	require.Equal(t, m.Digest, r.Digest)
	require.Equal(t, l.ref(), r.Image)
}

// Whoever has the layer has what was deleted from it, with its place.
func TestAudit_SaysWhichLayerALeakIsIn(t *testing.T) {
	t.Parallel()
	value := random.Text()
	img := leaky.New("x", nil, []leaky.File{{Name: "a"}}, []leaky.File{{Name: "b", Content: value}}, []leaky.File{{Name: ".wh.b"}})
	r := audit(t, img, verify.Options{Values: []scan.Value{{Kind: "it", Value: value}}})
	require.Len(t, r.Leaks, 1)
	leak := r.Leaks[0]
	require.Equal(t, 1, leak.Layer.Index)
	require.Equal(t, leak.Digest, leak.Layer.Digest)
	require.NotEmpty(t, leak.Layer.DiffID)
	require.Equal(t, []string{r.Platforms[0].Platform}, leak.Platforms)
	require.Equal(t, []string{"b", "it", "plain", "layer"}, []string{leak.Path, leak.Kind, leak.Form, string(leak.Part)})
	require.Equal(t, verify.Looked{Documents: 4, Layers: 3, Files: 3, Bytes: r.Looked.Bytes}, r.Looked)
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	dt, err := json.Marshal(v)
	require.NoError(t, err)
	return dt
}

func TestAudit_NeedsRoomOnDisk(t *testing.T) {
	t.Parallel()
	img, err := image.Open(t.Context(), newLayoutOf(t), image.Options{Temp: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, img.Close()) }()
	_, err = verify.Audit(t.Context(), img, verify.Options{Temp: "/no/such/directory"})
	require.ErrorContains(t, err, "making a temporary file")
}

// newLayoutOf returns the reference of an image with an agent alone.
func newLayoutOf(t *testing.T) string {
	t.Helper()
	l := newLayout(t)
	l.finish()
	return l.ref()
}

func TestAudit_NamesThePlatformOfADocument(t *testing.T) {
	t.Parallel()
	value := random.Text()
	r := audit(t, app().Env("A="+value), verify.Options{Values: []scan.Value{{Kind: "it", Value: value}}})
	require.Len(t, r.Leaks, 1)
	require.Equal(t, []string{r.Platforms[0].Platform}, r.Leaks[0].Platforms)
	require.Equal(t, verify.PartConfig, r.Leaks[0].Part)
	require.NotEmpty(t, r.Leaks[0].Digest)
	require.Nil(t, r.Leaks[0].Layer)
}
