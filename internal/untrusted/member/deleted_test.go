package member

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A member that a zip's list does not name any more is seen, and costs what it
// has, however many records lead to it.
func TestWalkSeesDeletedMembers(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("deleted "+random(10), 50)
	both := zipped(t, "", entry{name: "gone", content: content}, entry{name: "x", content: "y"})
	list := bytes.Index(both, []byte("PK\x01\x02"))
	second := list + bytes.Index(both[list+1:], []byte("PK\x01\x02")) + 1
	end := bytes.Index(both, []byte("PK\x05\x06"))
	file := slices.Concat(both[:list], both[second:])
	at := len(file) - (len(both) - end)
	file[at+8], file[at+10] = 1, 1
	file[at+12] = byte(end - second)
	got, err := walk(t, file)
	require.NoError(t, err)
	require.Equal(t, "y", got["x"])
	require.True(t, strings.HasPrefix(got["gone (deleted)"], content))

	// Many records, all of which lead to one stream of empty blocks.
	var hostile []byte
	const records, chain = 2000, 60_000
	for i := range records {
		r := make([]byte, localLength)
		copy(r, localSignature)
		r[8] = 8
		extra := (records - 1 - i) * localLength
		r[28], r[29] = byte(extra), byte(extra>>8)
		hostile = append(hostile, r...)
	}
	for range chain {
		hostile = append(hostile, 0, 0, 0, 0xff, 0xff)
	}
	read := 0
	o := Options{Spend: func(n int) error { read += n; return nil }}
	whole := slices.Concat(hostile, zipped(t, "", entry{name: "x", content: "y"}))
	err = o.Walk(t.Context(), bytes.NewReader(whole), int64(len(whole)), func(_ string, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
	require.ErrorIs(t, err, ErrTooLarge)
	require.Less(t, read, 2*(freeBytes+maxRatio*len(whole)))
}

// TestWalk_FindsDeletedMembersWhereverTheyAre, among others across the borders
// of what is read at once.
func TestWalk_FindsDeletedMembersWhereverTheyAre(t *testing.T) {
	t.Parallel()
	const block = 64 << 10
	gone := zipped(t, "", entry{name: "gone", content: "secret-1089"})
	gone, _, found := bytes.Cut(gone, []byte("PK\x01\x02"))
	require.True(t, found)
	for _, pad := range []int{0, 1, block - 4, block - 3, block - 2, block - 1, block, 2*block - 7, 2*block - 4, 2*block - 1} {
		file := slices.Concat(bytes.Repeat([]byte{'.'}, pad), gone, offset(t, zipped(t, "", entry{name: "kept", content: "text"}), pad+len(gone)))
		got, err := walked(t, file)
		require.NoError(t, err, pad)
		require.Equal(t, []string{"kept: text", "gone (deleted): secret-1089"}, got, pad)
	}
	for name, damage := range map[string]func([]byte){
		"encrypted": func(b []byte) { b[6] |= 1 },
		"unknown":   func(b []byte) { b[8] = 99 },
	} {
		local := bytes.Clone(gone)
		damage(local)
		got, err := walked(t, append(local, offset(t, zipped(t, "", entry{name: "kept", content: "text"}), len(local))...))
		require.Equal(t, []string{"kept: text"}, got, name)
		require.Equal(t, name == "encrypted", errors.Is(err, ErrEncrypted), name)
	}
}

// offset moves a zip's list as if so many bytes stood in front of the zip.
func offset(t *testing.T, file []byte, by int) []byte {
	t.Helper()
	out := bytes.Clone(file)
	add := func(at int) {
		binary.LittleEndian.PutUint32(out[at:], binary.LittleEndian.Uint32(out[at:])+uint32(by))
	}
	end := bytes.LastIndex(out, []byte("PK\x05\x06"))
	require.Positive(t, end)
	add(end + 16)
	for at := 0; ; {
		next := bytes.Index(out[at:end], []byte("PK\x01\x02"))
		if next < 0 {
			return out
		}
		at += next
		add(at + 42)
		at += 4
	}
}

// TestWalk_ReadsStoredMembers of a zip that does not list them, to their end and
// no further.
func TestWalk_ReadsStoredMembers(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "gone", Method: zip.Store, CompressedSize64: 6, UncompressedSize64: 6})
	require.NoError(t, err)
	_, err = f.Write([]byte("secret"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	gone, _, found := bytes.Cut(b.Bytes(), []byte("PK\x01\x02"))
	require.True(t, found)
	gone = append(gone, bytes.Repeat([]byte{'.'}, 40)...)
	got, err := walked(t, slices.Concat(gone, offset(t, zipped(t, "", entry{name: "kept", content: "text"}), len(gone))))
	require.NoError(t, err)
	require.Equal(t, []string{"kept: text", "gone (deleted): secret"}, got)
}

// TestWalk_IgnoresSignaturesWithoutAMember, at the end of a file too.
func TestWalk_IgnoresSignaturesWithoutAMember(t *testing.T) {
	t.Parallel()
	// A record of an unknown method.
	const signature, record = "PK\x03\x04", "PK\x03\x04\x14\x00\x00\x00\x63\x00"
	for _, comment := range []string{signature, "x" + signature + "x", record, strings.Repeat(record, 20)} {
		got, err := walked(t, zipped(t, comment, entry{name: "kept", content: "text"}))
		require.NoError(t, err, "%q", comment)
		require.Equal(t, []string{"(comment): " + comment, "kept: text"}, got)
	}
	front := strings.Repeat(record, 30)
	got, err := walked(t, append([]byte(front), offset(t, zipped(t, "", entry{name: "kept", content: "text"}), len(front))...))
	require.NoError(t, err)
	require.Equal(t, []string{"kept: text"}, got)
}

// TestWalk_FindsSeveralDeletedMembers, between others and behind the last.
func TestWalk_FindsSeveralDeletedMembers(t *testing.T) {
	t.Parallel()
	member := func(name, content string) []byte {
		out, _, found := bytes.Cut(zipped(t, "", entry{name: name, content: content}), []byte("PK\x01\x02"))
		require.True(t, found)
		return out
	}
	file := zipped(t, "", entry{name: "a", content: "1"}, entry{name: "b", content: "2"}, entry{name: "c", content: "3"})
	// The list forgets the first, or the last.
	forget := func(n int) []byte {
		list := bytes.Index(file, []byte("PK\x01\x02"))
		end := bytes.Index(file, []byte("PK\x05\x06"))
		size := (end - list) / 3
		out := slices.Concat(file[:list+n*size], file[list+(n+1)*size:])
		at := len(out) - (len(file) - end)
		out[at+8], out[at+10] = 2, 2
		binary.LittleEndian.PutUint32(out[at+12:], uint32(2*size))
		return out
	}
	for n, want := range [][]string{
		{"b: 2", "c: 3", "a (deleted): 1"}, {"a: 1", "c: 3", "b (deleted): 2"}, {"a: 1", "b: 2", "c (deleted): 3"},
	} {
		got, err := walked(t, forget(n))
		require.NoError(t, err, n)
		require.Equal(t, want, got, n)
	}
	front := slices.Concat(member("x", "0"), member("y", "8"), member("z", "9"))
	got, err := walked(t, append(front, offset(t, file, len(front))...))
	require.NoError(t, err)
	require.Equal(t, []string{"a: 1", "b: 2", "c: 3", "x (deleted): 0", "y (deleted): 8", "z (deleted): 9"}, got)
}

// TestWalk_CountsWhatDeletedMembersCost, and ends when its caller does.
func TestWalk_CountsWhatDeletedMembersCost(t *testing.T) {
	t.Parallel()
	gone, _, found := bytes.Cut(zipped(t, "", entry{name: "gone", content: random(1000)}), []byte("PK\x01\x02"))
	require.True(t, found)
	file := slices.Concat(gone, offset(t, zipped(t, "", entry{name: "kept", content: "text"}), len(gone)))
	enough := errors.New("enough")
	for most, want := range map[int]error{1000: enough, 10_000: nil} {
		spent := 0
		o := Options{Spend: func(n int) error {
			if spent += n; spent > most {
				return enough
			}
			return nil
		}}
		err := o.Walk(t.Context(), bytes.NewReader(file), int64(len(file)), func(string, io.Reader) error { return nil })
		require.Equal(t, want, err)
		require.Greater(t, spent, 1000)
	}
}
