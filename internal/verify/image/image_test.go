package image_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/containerd/platforms"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

const (
	plainLayer = ocispecs.MediaTypeImageLayer
	// noLimit is more than any test unpacks.
	noLimit = 1 << 30
)

// limit is a meter of so many bytes.
type limit struct {
	left, stored int
}

var errLimit = errors.New("over the limit")

func (l *limit) Stored(n int) { l.stored += n }

func (l *limit) Unpacked(n int) error {
	if l.left -= n; l.left < 0 {
		return errLimit
	}
	return nil
}

func (l *limit) Keep(string) error { return nil }

func (l *limit) Drop(string) {}

// contents is a visitor that keeps all.
type contents struct {
	files map[string]string
	rest  []byte
	// raw is what stands in the archive outside of the files' contents, and
	// packed the layer as it is stored.
	raw, packed []byte
}

func (c *contents) Entry(h *tar.Header, r io.Reader) error {
	dt, err := io.ReadAll(r)
	c.files[h.Name] = string(dt)
	return err
}

func (c *contents) Rest(r io.Reader) (err error) {
	c.rest, err = io.ReadAll(r)
	return err
}

func (c *contents) Raw(p []byte, content bool) {
	if !content {
		c.raw = append(c.raw, p...)
	}
}

func (c *contents) Packed(p []byte) { c.packed = append(c.packed, p...) }

// readLayer reads one layer of an image.
func readLayer(t *testing.T, l *image.Layer) (*contents, error) {
	t.Helper()
	c := &contents{files: map[string]string{}}
	diffID, err := l.Walk(t.Context(), c, &limit{left: noLimit})
	if err == nil && l.DiffID != "" {
		require.Equal(t, l.DiffID, diffID)
	}
	return c, err
}

func open(t *testing.T, ref string) *image.Image {
	t.Helper()
	img, err := image.Open(t.Context(), ref, image.Options{Temp: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, img.Close()) })
	return img
}

// good returns an image for two platforms with an attestation, in some form.
func good(t *testing.T, form leaky.Form) string {
	t.Helper()
	img := leaky.Good()[0]
	img.Form = form
	ref, err := img.Write(t.TempDir())
	require.NoError(t, err)
	return ref
}

func TestAnImageIsTheSameWhereverItLies(t *testing.T) {
	layout := good(t, leaky.FormLayout)
	tests := map[string]string{
		"layout":                      layout,
		"layout without its scheme":   layout[len("oci-layout://"):],
		"archive":                     good(t, leaky.FormArchive),
		"compressed archive":          compressed(t, good(t, leaky.FormArchive)),
		"registry":                    serve(t, layout[len("oci-layout://"):], nil) + "/team/app:latest",
		"registry, after its scheme ": "docker-image://" + serve(t, layout[len("oci-layout://"):], nil) + "/team/app:latest",
	}
	want := open(t, layout)
	require.Len(t, want.Manifests, 3)
	for name, ref := range tests {
		t.Run(name, func(t *testing.T) {
			img := open(t, ref)
			require.Len(t, img.Manifests, 3)
			for i, m := range img.Manifests {
				require.Equal(t, want.Manifests[i].Descriptor.Digest, m.Descriptor.Digest)
				require.Equal(t, want.Manifests[i].Documents, m.Documents)
				for k, l := range m.Layers {
					here, err := readLayer(t, l)
					require.NoError(t, err)
					there, err := readLayer(t, want.Manifests[i].Layers[k])
					require.NoError(t, err)
					require.Equal(t, there, here)
				}
			}
		})
	}
}

func compressed(t *testing.T, name string) string {
	t.Helper()
	dt, err := os.ReadFile(name)
	require.NoError(t, err)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err = z.Write(dt)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	name = filepath.Join(t.TempDir(), "image.tar.gz")
	require.NoError(t, os.WriteFile(name, b.Bytes(), 0o600))
	return name
}

func TestRolesAndPlatforms(t *testing.T) {
	img := open(t, good(t, leaky.FormLayout))
	var platforms []string
	var roles []image.Role
	for _, m := range img.Manifests {
		platforms, roles = append(platforms, m.Platform), append(roles, m.Role)
	}
	require.Equal(t, []string{"linux/amd64", "linux/arm64", "linux/amd64"}, platforms, "an attestation is for what it is about")
	require.Equal(t, []image.Role{image.RoleImage, image.RoleImage, image.RoleAttestation}, roles)
	require.Len(t, img.Documents, 2, "the layout's index and the image's own")

	statement, err := readLayer(t, img.Manifests[2].Layers[0])
	require.NoError(t, err)
	require.Contains(t, string(statement.rest), "build-arg:VERSION")
}

// Older builders gave statements the config of an image.
func TestAStatementMayHaveAConfig(t *testing.T) {
	l := newLayout(t)
	layer := l.blob(plainLayer, archive(t, "file", "content"))
	m := l.image([]digest.Digest{layer.Digest}, layer)
	statement := l.blob("application/vnd.in-toto+json", []byte(`{}`))
	a := l.image([]digest.Digest{statement.Digest}, statement)
	a.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": m.Digest.String()}
	l.index(m, a)
	img := open(t, l.ref())
	require.Equal(t, image.RoleAttestation, img.Manifests[1].Role)
	require.Equal(t, "linux/amd64", img.Manifests[1].Platform)
	require.Len(t, img.Manifests[1].Layers, 1)
}

func TestOnlySomePlatforms(t *testing.T) {
	ref := good(t, leaky.FormLayout)
	tests := map[string]int{"linux/amd64": 2, "linux/arm64": 1, "linux/arm64/v8": 1}
	for platform, want := range tests {
		img, err := image.Open(t.Context(), ref, image.Options{Platforms: []ocispecs.Platform{platforms.MustParse(platform)}})
		require.NoError(t, err)
		require.Len(t, img.Manifests, want, "%s: the image, and what is stated about it", platform)
		require.NoError(t, img.Close())
	}
	_, err := image.Open(t.Context(), ref, image.Options{Platforms: []ocispecs.Platform{platforms.MustParse("linux/s390x")}})
	require.ErrorContains(t, err, "it is not for linux/s390x: it has linux/amd64, linux/arm64")
}

func TestAFolderIsAnImageOfOneLayer(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "opt/app"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "opt/app/run"), []byte("#!/bin/sh\n"), 0o755))
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(dir, "opt/app/link")))
	img := open(t, dir)
	require.Len(t, img.Manifests, 1)
	require.False(t, img.Manifests[0].HasConfig())
	got, err := readLayer(t, img.Manifests[0].Layers[0])
	require.NoError(t, err)
	require.Equal(t, map[string]string{"opt": "", "opt/app": "", "opt/app/run": "#!/bin/sh\n", "opt/app/link": ""}, got.files,
		"no link is followed")
}

func TestALayoutIsChosenFrom(t *testing.T) {
	l := newLayout(t)
	var all []ocispecs.Descriptor
	for _, name := range []string{"one", "two"} {
		dt := archive(t, name, name)
		layer := l.blob(plainLayer, dt)
		m := l.image([]digest.Digest{layer.Digest}, layer)
		m.Annotations = map[string]string{ocispecs.AnnotationRefName: name}
		all = append(all, m)
	}
	l.index(all...)
	require.Len(t, open(t, l.ref()).Manifests, 2)
	img := open(t, l.ref()+":two")
	require.Equal(t, all[1].Digest, img.Digest)
	require.Equal(t, "two", img.Manifests[0].Tag)
	require.Equal(t, all[0].Digest, open(t, l.ref()+"@"+all[0].Digest.String()).Manifests[0].Descriptor.Digest)
	_, err := image.Open(t.Context(), l.ref()+":three", image.Options{})
	require.ErrorContains(t, err, "there is no image three in it")
}

func TestNothingIsLeftOnDisk(t *testing.T) {
	temp := t.TempDir()
	img, err := image.Open(t.Context(), good(t, leaky.FormArchive), image.Options{Temp: temp})
	require.NoError(t, err)
	require.NotEmpty(t, list(t, temp))
	require.NoError(t, img.Close())
	require.Empty(t, list(t, temp))

	broken := filepath.Join(t.TempDir(), "broken.tar")
	require.NoError(t, os.WriteFile(broken, archive(t, "some", "file"), 0o600))
	_, err = image.Open(t.Context(), broken, image.Options{Temp: temp})
	require.ErrorContains(t, err, "it is no archive of an image that can be read")
	require.Empty(t, list(t, temp))
}

func list(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	return entries
}

func TestReadingEndsWithItsContext(t *testing.T) {
	img := open(t, good(t, leaky.FormLayout))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := img.Manifests[0].Layers[0].Walk(ctx, &contents{files: map[string]string{}}, &limit{left: noLimit})
	require.ErrorIs(t, err, context.Canceled)
}

func TestWhatIsNoImageIsAnError(t *testing.T) {
	tests := map[string]string{
		"./no-such-folder":         "no such file",
		"no-such.tar":              "no such file",
		"oci-layout://no-such":     "no such file",
		"":                         "no such file",
		"Not A Name":               "neither a file or folder, nor a name",
		"docker-image://Not/A/Ref": "nor a name that an image can have",
	}
	for ref, want := range tests {
		_, err := image.Open(t.Context(), ref, image.Options{})
		require.ErrorContains(t, err, want, "%s", ref)
	}
}
