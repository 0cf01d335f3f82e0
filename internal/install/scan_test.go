package install

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

func TestScanRoot(t *testing.T) {
	value := rand.Text()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte("x=" + value))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	dir := t.TempDir()
	for name, content := range map[string]string{"clean": "x", "plain": value, "packed": packed.String(), "name-" + value: ""} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	require.NoError(t, os.Symlink(value, filepath.Join(dir, "link")))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	var out bytes.Buffer
	files, leaks, err := scanRoot(t.Context(), root, scan.New([]scan.Value{{Kind: "token", Value: value}}), &out)
	require.NoError(t, err)
	require.Equal(t, 4, files)
	require.Equal(t, 4, leaks)
	require.Contains(t, out.String(), "plain: token (plain)\n")
	require.Contains(t, out.String(), "packed!content: token (plain)\n")
	require.Contains(t, out.String(), "link: token (plain, in its target)\n")
	require.Contains(t, out.String(), ": token (plain, in its name)\n")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "damaged"), packed.Bytes()[:20], 0o600))
	_, _, err = scanRoot(t.Context(), root, scan.New(nil), &out)
	require.ErrorContains(t, err, "looking into damaged: it is damaged")
}
