package install

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

func TestSearchTree_FindsAllThatFilesConsistOf(t *testing.T) {
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
	scanner := scan.New([]scan.Value{{Kind: "token", Value: value}})
	require.ErrorIs(t, searchTree(t.Context(), root, scanner, &out), errHolds)
	require.Equal(t, 4, strings.Count(out.String(), "\n"), out.String())
	require.Contains(t, out.String(), "plain: token (plain)\n")
	require.Contains(t, out.String(), "packed!content: token (plain)\n")
	require.Contains(t, out.String(), "link: token (plain, in its target)\n")
	require.Contains(t, out.String(), "…: token (plain, in its name)\n")
	require.NotContains(t, out.String(), value)
	require.NoError(t, searchTree(t.Context(), root, scan.New(nil), &out), "control")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "damaged"), packed.Bytes()[:20], 0o600))
	require.ErrorContains(t, searchTree(t.Context(), root, scan.New(nil), &out), "looking into damaged: it is damaged")
}
