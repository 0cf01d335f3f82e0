package member

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWalkBounds(t *testing.T) {
	t.Parallel()
	nothing := make([]byte, freeBytes+32<<20)
	var many bytes.Buffer
	w := zip.NewWriter(&many)
	for range 200_001 {
		_, err := w.CreateRaw(&zip.FileHeader{Name: "x"})
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"gzip bomb":   {gzipped(t, "", nothing), "it holds too much (more than 8"},
		"tar in it":   {gzipped(t, "", tarred(t, tar.FormatGNU, entry{name: "x", content: string(nothing)})), "it holds too much (more than 8"},
		"zip bomb":    {zipped(t, "", entry{name: "x", content: string(nothing)}), "it holds too much (more than 8"},
		"many in zip": {many.Bytes(), "200001 entries"},
	} {
		t.Run(name, func(t *testing.T) {
			var most int64
			err := Walk(t.Context(), bytes.NewReader(tt.file), int64(len(tt.file)), func(_ string, r io.Reader) error {
				n, err := io.Copy(io.Discard, r)
				most = max(most, n)
				return err
			})
			require.ErrorIs(t, err, ErrTooLarge)
			require.ErrorContains(t, err, tt.want)
			require.LessOrEqual(t, most, freeBytes+maxRatio*int64(len(tt.file)))
		})
	}
}

// zeros is a file of any size that begins with a text.
type zeros string

// ReadAt reads the text, and zeros behind it.
func (z zeros) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(z)) {
		copy(p, z[off:])
	}
	return len(p), nil
}

// members walks a file of a size, whose format calls do.
func members(t *testing.T, size int64, do func(a *Archive) error) error {
	t.Helper()
	o := Options{Formats: []Format{{Is: func(head []byte) bool { return bytes.HasPrefix(head, []byte("OTHER")) }, Members: do}}}
	return o.Walk(t.Context(), zeros("OTHER"), size, func(string, io.Reader) error { return nil })
}

// TestWalk_BoundsBytesByTheSizeOfAFile: small ones may have 64 MiB, others 200
// times their size, and none more than 4 GiB.
func TestWalk_BoundsBytesByTheSizeOfAFile(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]int{
		10:         64<<20 + 2000,
		1 << 20:    264 << 20,
		21_139_291: 64<<20 + 200*21_139_291,
		21_139_293: 4 << 30,
		1 << 40:    4 << 30,
	} {
		require.NoError(t, members(t, size, func(a *Archive) error { return a.Spend(want) }), size)
		err := members(t, size, func(a *Archive) error { return errors.Join(a.Spend(want), a.Spend(1)) })
		require.Equal(t, &Error{Reason: ErrTooLarge, Detail: fmt.Sprintf("more than %d MB", want>>20)}, err, size)
	}
}

// TestWalk_BoundsTheNumberOfMembers, empty ones too.
func TestWalk_BoundsTheNumberOfMembers(t *testing.T) {
	t.Parallel()
	show := func(n int) func(a *Archive) error {
		return func(a *Archive) error {
			for range n {
				if err := a.Member("x", strings.NewReader("")); err != nil {
					return err
				}
			}
			return nil
		}
	}
	require.NoError(t, members(t, 10, show(200_000)))
	require.Equal(t, &Error{Reason: ErrTooLarge, Detail: "more than 200000 files"}, members(t, 10, show(200_001)))
}

// TestWalk_ShowsNoByteBeyondItsBound, whether the caller looks at errors or not.
func TestWalk_ShowsNoByteBeyondItsBound(t *testing.T) {
	t.Parallel()
	const most = 64<<20 + 200*10
	for _, size := range []int{most, most + 1, most + 100<<10} {
		shown := 0
		o := Options{Formats: []Format{{Is: func([]byte) bool { return true }, Members: func(a *Archive) error {
			return a.Member("x", io.LimitReader(zeroReader{}, int64(size)))
		}}}}
		err := o.Walk(t.Context(), zeros("OTHER"), 10, func(_ string, r io.Reader) error {
			buf := make([]byte, 32<<10)
			for {
				n, err := r.Read(buf)
				shown += n
				if err != nil {
					n, again := r.Read(buf)
					require.Zero(t, n)
					require.Equal(t, err, again)
					return nil
				}
			}
		})
		require.LessOrEqual(t, shown, most)
		if size <= most {
			require.NoError(t, err)
			require.Equal(t, size, shown)
			continue
		}
		require.Equal(t, &Error{Member: "x", Reason: ErrTooLarge, Detail: "more than 64 MB"}, err)
	}
}

// zeroReader never ends.
type zeroReader struct{}

// Read reads zeros.
func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestWalk_BelievesASizeThatIsTooLarge, and does not begin to read.
func TestWalk_BelievesASizeThatIsTooLarge(t *testing.T) {
	t.Parallel()
	file := func(size uint64) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		f, err := w.CreateRaw(&zip.FileHeader{Name: "a", Method: zip.Store, CompressedSize64: 3, UncompressedSize64: size})
		require.NoError(t, err)
		_, err = f.Write([]byte("abc"))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.Bytes()
	}
	most := uint64(64<<20 + 200*len(file(1<<20)))
	_, err := walked(t, file(most))
	require.Equal(t, &Error{Member: "a", Reason: ErrDamaged}, err)
	_, err = walked(t, file(most+1))
	require.Equal(t, &Error{Member: "a", Reason: ErrTooLarge, Detail: "more than 64 MB"}, err)
}
