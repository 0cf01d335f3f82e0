package buildx

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/rootfs"
	"github.com/org/dt-frontend/integration/harness/testenv"
)

// Image opens the only image of a result.
func (r Result) Image(t testing.TB) *oci.Image {
	t.Helper()
	img, err := r.Layout(t).Image("")
	require.NoError(t, err)
	return img
}

// Layout opens all that a result's archive holds. It is closed with the test.
func (r Result) Layout(t testing.TB) *oci.Layout {
	t.Helper()
	layout, err := oci.Open(r.Archive)
	require.NoError(t, err)
	t.Cleanup(func() { _ = layout.Close() })
	return layout
}

// layers are unpacked once for all images of a test program.
var layers = testenv.Share(func(t testing.TB) *rootfs.Store {
	s, err := rootfs.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
})

// Unpack returns a root file system of the image, which is removed with the test.
func (r Result) Unpack(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	unmount, err := layers.Get(t).Mount(t.Context(), r.Image(t), dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, unmount()) })
	return dir
}

// Warned counts the warnings that hold text. The client lists them at the end,
// and also prints them where they occur if their step has not ended by then.
func (r Result) Warned(text string) int {
	n := 0
	for line := range strings.Lines(r.Output) {
		// The first follows the end of a color.
		if strings.HasPrefix(strings.TrimPrefix(line, "\x1b[0m"), " - ") && strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// LastError returns the client's own last words.
func LastError(t testing.TB, r Result) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(r.Output), "\n")
	last := lines[len(lines)-1]
	require.True(t, strings.HasPrefix(last, "ERROR: "), "%s", r.Output)
	return last
}
