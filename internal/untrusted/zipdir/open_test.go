package zipdir

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var limit = Limit{Entries: 1000, Bytes: 1 << 20}

// pack makes a zip of n files.
func pack(t testing.TB, n int, comment string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range n {
		f, err := w.Create(fmt.Sprint(i))
		require.NoError(t, err)
		_, err = f.Write([]byte("content"))
		require.NoError(t, err)
	}
	require.NoError(t, w.SetComment(comment))
	require.NoError(t, w.Close())
	return b.Bytes()
}

func open(b []byte) (*zip.Reader, error) {
	return Open(bytes.NewReader(b), int64(len(b)), limit)
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"plain":            pack(t, 1000, ""),
		"with a comment":   pack(t, 1000, "about it"),
		"a long comment":   pack(t, 1000, string(bytes.Repeat([]byte("x"), maxComment))),
		"behind something": slices.Concat(make([]byte, 5000), pack(t, 1000, "")),
	} {
		z, err := open(b)
		require.NoError(t, err, name)
		require.Len(t, z.File, 1000, name)
	}
}

// list is the part of a zip that says what is in it.
func list(entries int, end64 bool) []byte {
	one := make([]byte, 46)
	copy(one, entrySignature)
	dir := bytes.Repeat(one, entries)
	end := make([]byte, endLength)
	copy(end, endSignature)
	if !end64 {
		binary.LittleEndian.PutUint16(end[10:], uint16(entries))
		binary.LittleEndian.PutUint32(end[12:], uint32(len(dir)))
		return slices.Concat(dir, end)
	}
	binary.LittleEndian.PutUint16(end[10:], 1<<16-1)
	binary.LittleEndian.PutUint32(end[12:], 1<<32-1)
	binary.LittleEndian.PutUint32(end[16:], 1<<32-1)
	e := make([]byte, end64Length)
	copy(e, end64Signature)
	binary.LittleEndian.PutUint64(e[32:], uint64(entries))
	binary.LittleEndian.PutUint64(e[40:], uint64(len(dir)))
	locator := make([]byte, locator64Length)
	copy(locator, locator64Signature)
	binary.LittleEndian.PutUint64(locator[8:], uint64(len(dir)))
	return slices.Concat(dir, e, locator, end)
}

// hollow is a file of zeros but for its beginning and its end.
type hollow struct {
	begin, end []byte
	size       int64
}

func (h hollow) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	n := int(min(int64(len(p)), h.size-off))
	if off < int64(len(h.begin)) {
		copy(p[:n], h.begin[off:])
	}
	for i := range n {
		if at := off + int64(i) - (h.size - int64(len(h.end))); at >= 0 {
			p[i] = h.end[at]
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// TestOpenRefusesALongList without reading it.
func TestOpenRefusesALongList(t *testing.T) { // alone, for the memory
	const many = 10_000_000
	end := list(1, true)[46:]
	binary.LittleEndian.PutUint64(end[32:], many)
	binary.LittleEndian.PutUint64(end[40:], many*46)
	binary.LittleEndian.PutUint64(end[56+8:], many*46)
	file := hollow{[]byte(entrySignature), end, many*46 + int64(len(end))}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Open(file, file.size, limit)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "10000000 entries in 460000000 bytes")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))

	_, err = open(pack(t, 1001, ""))
	require.ErrorContains(t, err, "too large: 1001 entries")
	_, err = open(slices.Concat(make([]byte, 100), list(2000, true)))
	require.ErrorContains(t, err, "too large: 2000 entries", "behind something")
}

// TestOpenRefusesAListThatIsLongerThanItSays.
func TestOpenRefusesAListThatIsLongerThanItSays(t *testing.T) {
	t.Parallel()
	b := list(50_000, false)
	end := b[len(b)-endLength:]
	binary.LittleEndian.PutUint16(end[10:], 10)
	binary.LittleEndian.PutUint32(end[12:], 460)
	binary.LittleEndian.PutUint32(end[16:], 0)
	_, err := open(b)
	require.ErrorIs(t, err, ErrTooLarge)
}

// TestOpenRefusesFilesThatOverlap, which unpack to more than there is.
func TestOpenRefusesFilesThatOverlap(t *testing.T) {
	t.Parallel()
	b := pack(t, 2, "")
	second := bytes.LastIndex(b, []byte(entrySignature))
	binary.LittleEndian.PutUint32(b[second+42:], 0) // where the first is
	_, err := open(b)
	require.ErrorIs(t, err, ErrNone)
	require.ErrorContains(t, err, "files in it overlap")
}

func TestOpenTellsThatAFileIsNone(t *testing.T) {
	t.Parallel()
	record := bytes.Repeat([]byte{0xfe}, endLength)
	copy(record, endSignature)
	for name, b := range map[string][]byte{
		"empty": nil, "zeros": make([]byte, 100_000), "cut": pack(t, 10, "")[:500], "like a record": record, "half a record": record[:10],
		"end alone": list(10, false)[460:], "locator to nowhere": list(10, true)[470:],
	} {
		_, err := open(b)
		require.ErrorIs(t, err, ErrNone, name)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(pack(f, 2, "comment"))
	f.Add(list(3, true))
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := open(b)
		if err == nil {
			require.LessOrEqual(t, len(z.File), limit.Entries)
			return
		}
		if !errors.Is(err, ErrTooLarge) {
			require.ErrorIs(t, err, ErrNone)
		}
	})
}
