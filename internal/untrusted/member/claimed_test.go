package member

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// claiming is a zip with one member, which claims that behind is a part of it.
func claiming(t *testing.T, content, behind []byte) []byte {
	t.Helper()
	var stream, file bytes.Buffer
	packed, err := flate.NewWriter(&stream, flate.BestSpeed)
	require.NoError(t, err)
	_, err = packed.Write(content)
	require.NoError(t, err)
	require.NoError(t, packed.Close())
	stream.Write(behind)
	w := zip.NewWriter(&file)
	f, err := w.CreateRaw(&zip.FileHeader{
		Name: "kept", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(content),
		CompressedSize64: uint64(stream.Len()), UncompressedSize64: uint64(len(content)),
	})
	require.NoError(t, err)
	_, err = f.Write(stream.Bytes())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return file.Bytes()
}

// A member cannot hide deleted ones by claiming that they are a part of it.
func TestWalk_FindsDeletedMembersThatAnotherClaims(t *testing.T) {
	t.Parallel()
	secret := random(20)
	gone, _, found := bytes.Cut(zipped(t, "", entry{name: "gone", content: secret}), []byte("PK\x01\x02"))
	require.True(t, found)
	for _, size := range []int{0, 1, 100_000} {
		kept := bytes.Repeat([]byte{'k'}, size)
		for _, pad := range []int{0, 1, 5000} {
			got, err := walked(t, claiming(t, kept, slices.Concat(make([]byte, pad), gone)))
			require.NoError(t, err)
			require.Equal(t, []string{"kept: " + string(kept), "gone (deleted): " + secret}, got)
		}
		got, err := walked(t, claiming(t, kept, nil))
		require.NoError(t, err)
		require.Equal(t, []string{"kept: " + string(kept)}, got, "nothing is claimed")
	}
}
