package member

import (
	"archive/tar"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWalkSeesWhatAScriptExtracts, wherever the script ends.
func TestWalkSeesWhatAScriptExtracts(t *testing.T) {
	t.Parallel()
	a := random(3000)
	packed := gzipped(t, "", tarred(t, tar.FormatGNU, entry{name: "dir/a", content: a}))
	for n := bufferSize - 40; n < bufferSize+40; n++ {
		head := append([]byte("#!/bin/sh\n"), bytes.Repeat([]byte("x"), n)...)
		got, err := walk(t, slices.Concat(head, []byte("\n"), packed))
		require.NoError(t, err)
		require.Equal(t, a, got["dir/a"])
	}
}

// TestWalk_FindsAPayloadWhereverItBegins: a script is read in blocks, and what
// marks its payload may lie across two.
func TestWalk_FindsAPayloadWhereverItBegins(t *testing.T) {
	t.Parallel()
	const block = 64 << 10
	inner := gzipped(t, "", []byte("secret-1089"))
	for _, at := range []int{3, 500, block - 5, block - 4, block - 3, block - 2, block - 1, block, 2*block - 8, 2*block - 7, 2*block - 6, 2*block - 4, 2 * block, 5*block + 1} {
		script := append([]byte("#!"+strings.Repeat("x", at-2)+"\n"), inner...)
		got, err := walked(t, script)
		require.NoError(t, err, at)
		require.Equal(t, []string{"content: secret-1089"}, got, at)
	}
	got, err := walked(t, []byte("#!/bin/sh\nexit 0\n"))
	require.NoError(t, err)
	require.Empty(t, got)
	got, err = walked(t, []byte("#!/bin/sh\n"+strings.Repeat("y", 3*block)))
	require.NoError(t, err)
	require.Empty(t, got)
}
