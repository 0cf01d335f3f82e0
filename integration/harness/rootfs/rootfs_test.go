package rootfs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/sys/mountinfo"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/rootfs"
	"github.com/org/dt-frontend/integration/harness/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const dockerfile = "FROM busybox:1.37-musl\nRUN touch /kept /gone\nRUN rm /gone && echo one >/file\n"

func open(t *testing.T) *rootfs.Store {
	t.Helper()
	s, err := rootfs.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func mount(t *testing.T, s *rootfs.Store, image *oci.Image) string {
	t.Helper()
	dir := t.TempDir()
	unmount, err := s.Mount(t.Context(), image, dir)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, unmount())
		mounted, err := mountinfo.Mounted(dir)
		require.NoError(t, err)
		require.False(t, mounted)
	})
	return dir
}

func TestStore_GivesEachContainerItsOwn(t *testing.T) {
	s, image := open(t), buildx.Build(t, buildx.Request{Dockerfile: dockerfile}).Image(t)
	one, two := mount(t, s, image), mount(t, s, image)
	for _, dir := range []string{one, two} {
		require.FileExists(t, filepath.Join(dir, "kept"))
		require.NoFileExists(t, filepath.Join(dir, "gone"), "an upper layer removes the file")
	}
	require.NoError(t, os.WriteFile(filepath.Join(one, "file"), []byte("changed"), 0o600))
	dt, err := os.ReadFile(filepath.Join(two, "file"))
	require.NoError(t, err)
	require.Equal(t, "one\n", string(dt))
}

func TestStore_UnpacksALayerOnce(t *testing.T) {
	s, built := open(t), buildx.Build(t, buildx.Request{Dockerfile: dockerfile})
	image := built.Image(t)
	mount(t, s, image)
	require.NoError(t, os.Truncate(built.Archive, 0))
	require.Error(t, image.Unpack(t.Context(), t.TempDir()), "control: the layers cannot be read again")
	require.FileExists(t, filepath.Join(mount(t, s, image), "file"))
}

func TestStore_RefusesADamagedLayer(t *testing.T) {
	s, built := open(t), buildx.Build(t, buildx.Request{Dockerfile: dockerfile})
	image := built.Image(t)
	require.NoError(t, os.Truncate(built.Archive, 0))
	_, err := s.Mount(t.Context(), image, t.TempDir())
	require.ErrorContains(t, err, "layer 0")
}
