package member

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// raw is a zip with one member whose header and packed bytes are given.
func raw(t *testing.T, h zip.FileHeader, packed string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h.CompressedSize64 = uint64(len(packed))
	f, err := w.CreateRaw(&h)
	require.NoError(t, err)
	_, err = f.Write([]byte(packed))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// TestWalk_TellsOfEachFileThatClaimsToBeAZip.
func TestWalk_TellsOfEachFileThatClaimsToBeAZip(t *testing.T) {
	t.Parallel()
	for head, claims := range map[string]bool{
		"PK\x03\x04": true, "PK\x05\x06": true, "PK\x07\x08": true, "PK00PK": true,
		"PK\x01\x02": false, "PK00": false, "xPK\x03\x04": false, "PK": false,
	} {
		got, err := walked(t, []byte(head+strings.Repeat("x", 100)))
		require.Empty(t, got)
		if claims {
			require.Equal(t, &Error{Reason: ErrDamaged}, err, "%q", head)
		} else {
			require.NoError(t, err, "%q", head)
		}
	}
}

// TestWalk_ReadsBzip2InAZip, listed or deleted.
func TestWalk_ReadsBzip2InAZip(t *testing.T) {
	t.Parallel()
	packed, err := hex.DecodeString(bzipped)
	require.NoError(t, err)
	file := raw(t, zip.FileHeader{Name: "a", Method: 12, UncompressedSize64: 6, CRC32: 0x363a3020}, string(packed))
	got, err := walked(t, file)
	require.NoError(t, err)
	require.Equal(t, []string{"a: hello\n"}, got)

	gone, _, found := bytes.Cut(file, []byte("PK\x01\x02"))
	require.True(t, found)
	got, err = walked(t, append(gone, offset(t, zipped(t, "", entry{name: "kept", content: "text"}), len(gone))...))
	require.NoError(t, err)
	require.Equal(t, []string{"kept: text", "a (deleted): hello\n"}, got)
}

// TestWalk_ReadsWhatADirectoryHolds: nothing keeps a zip from giving it content.
func TestWalk_ReadsWhatADirectoryHolds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method  uint16
		packed  string
		content string
		sum     uint32
	}{
		"nothing":         {zip.Store, "", "", 0},
		"nothing, packed": {zip.Deflate, "\x03\x00", "", 0},
		"three bytes":     {zip.Store, "089", "089", 0x93b00871},
		"odd method":      {93, "", "", 0},
		"odd, two bytes":  {93, "xx", "", 0},
	} {
		file := raw(t, zip.FileHeader{Name: "d?", Method: tt.method, UncompressedSize64: uint64(len(tt.content)), CRC32: tt.sum}, tt.packed)
		got, err := walked(t, bytes.ReplaceAll(file, []byte("d?"), []byte("d/")))
		require.NoError(t, err, name)
		require.Equal(t, []string{"d/: " + tt.content}, got, name)
	}
}

// TestWalk_TellsOfADirectoryThatItCannotRead.
func TestWalk_TellsOfADirectoryThatItCannotRead(t *testing.T) {
	t.Parallel()
	file := raw(t, zip.FileHeader{Name: "d?", Method: 93, UncompressedSize64: 3}, "089")
	got, err := walked(t, bytes.ReplaceAll(file, []byte("d?"), []byte("d/")))
	require.Equal(t, &Error{Member: "d/", Reason: ErrUnknownMethod}, err)
	require.Equal(t, []string{"d/: "}, got)
}

// TestWalk_TellsTheFirstReason of several, and shows all other members.
func TestWalk_TellsTheFirstReason(t *testing.T) {
	t.Parallel()
	file := zipped(t, "", entry{name: "a", content: "1"}, entry{name: "b", content: "2"}, entry{name: "c", content: "3"})
	list := bytes.Index(file, []byte("PK\x01\x02"))
	second := list + 4 + bytes.Index(file[list+4:], []byte("PK\x01\x02"))
	file[list+8], file[second+10] = 1, 93
	got, err := walked(t, file)
	require.Equal(t, &Error{Member: "a", Reason: ErrEncrypted}, err)
	require.Equal(t, []string{"a: ", "b: ", "c: 3"}, got)
	file[list+8] = 0
	got, err = walked(t, file)
	require.Equal(t, &Error{Member: "b", Reason: ErrUnknownMethod}, err)
	require.Equal(t, []string{"a: 1", "b: ", "c: 3"}, got)
}

// TestError_NamesNeitherArchiveNorMember: a name may be what is looked for.
func TestError_NamesNeitherArchiveNorMember(t *testing.T) {
	t.Parallel()
	e := &Error{Member: "secret-1089", Reason: ErrDamaged}
	require.EqualError(t, e, "it is damaged")
	require.ErrorIs(t, e, ErrDamaged)
	e.Detail = "more than 89 files"
	require.EqualError(t, e, "it is damaged (more than 89 files)")
}
