package image_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/integration/standin/packed"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// The files that no image names are those that were not read already.
func TestOpen_KnowsLooseFiles(t *testing.T) {
	dir := strings.TrimPrefix(good(t, leaky.FormLayout), "oci-layout://")
	got := looseFiles(t, dir)
	require.Equal(t, []string{ocispecs.ImageLayoutFile}, got)
	require.NoError(t, os.WriteFile(dir+"/x", nil, 0o600))
	require.NoError(t, os.WriteFile(dir+"/blobs/sha256/"+strings.Repeat("0", 64), nil, 0o600))
	require.Equal(t, []string{"blobs/sha256/" + strings.Repeat("0", 64), ocispecs.ImageLayoutFile, "x"}, looseFiles(t, dir))

	img := leaky.Good()[0]
	img.Form = leaky.FormDockerArchive
	name, err := img.Write(t.TempDir())
	require.NoError(t, err)
	require.Equal(t, []string{"manifest.json"}, looseFiles(t, name))
	dt, err := os.ReadFile(name)
	require.NoError(t, err)
	more := packed.Tar("abc/json", "{}")
	require.NoError(t, os.WriteFile(name, append([]byte(more[:1024]), dt...), 0o600))
	require.Equal(t, []string{"abc/json", "manifest.json"}, looseFiles(t, name))

	some, err := image.Open(t.Context(), dir, image.Options{Platforms: []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}}})
	require.NoError(t, err)
	require.Nil(t, some.Loose, "the others' parts are not read")
	require.NoError(t, some.Close())
}

// looseFiles returns their names.
func looseFiles(t *testing.T, ref string) []string {
	t.Helper()
	c := &contents{files: map[string]string{}}
	_, err := open(t, ref).Loose.Walk(t.Context(), c, &limit{left: noLimit})
	require.NoError(t, err)
	var names []string
	for name := range c.files {
		if !strings.HasSuffix(name, "/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
