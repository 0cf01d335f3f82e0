package member

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// walked returns what a walk shows, as "name: content", and its error.
func walked(t *testing.T, file []byte) ([]string, error) {
	t.Helper()
	var out []string
	err := Walk(t.Context(), bytes.NewReader(file), int64(len(file)), func(name string, content io.Reader) error {
		dt, err := io.ReadAll(content)
		out = append(out, name+": "+string(dt))
		return err
	})
	return out, err
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
	got, err := walked(t, append(gone, offset(t, zipped(t, "", entry{name: "kept", content: "text"}), len(gone))...))
	require.NoError(t, err)
	require.Equal(t, []string{"kept: text", "gone (deleted): secret"}, got)
}

// TestWalk_ReadsAllStreams of a compressed file: each error of a later one is
// told, and what follows is ignored.
func TestWalk_ReadsAllStreams(t *testing.T) {
	t.Parallel()
	first, second := gzipped(t, "a", []byte("one,")), gzipped(t, "b", []byte("two"))
	empty := gzipped(t, "", nil)
	for name, tt := range map[string]struct {
		file []byte
		want string
		err  error
	}{
		"one":               {first, "a: one,", nil},
		"two":               {slices.Concat(first, second), "a: one,two", nil},
		"empty in between":  {slices.Concat(first, empty, second), "a: one,two", nil},
		"no gzip after it":  {slices.Concat(first, []byte("zz")), "a: one,", nil},
		"a header is cut":   {slices.Concat(first, second[:5]), "a: one,", ErrDamaged},
		"the last is cut":   {slices.Concat(first, second[:len(second)-1]), "a: one,two", ErrDamaged},
		"the sum is wrong":  {slices.Concat(first[:len(first)-8], []byte{1, 0, 8, 9}, first[len(first)-4:]), "a: one,", ErrDamaged},
		"zlib":              {zlibbed(t, []byte("text")), "content: text", nil},
		"zlib is cut":       {zlibbed(t, []byte("text"))[:5], "", nil},
		"zlib with no sum":  {zlibbed(t, []byte("text"))[:10], "content: text", nil},
		"three bytes of it": {first[:3], "", nil},
	} {
		got, err := walked(t, tt.file)
		if tt.err == nil {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, tt.err, name)
		}
		if tt.want != "" {
			require.Equal(t, []string{tt.want}, got, name)
		}
	}
}

// TestWalk_TellsAnErrorOfTheFile, which says nothing of the archive, from what
// is wrong with the archive.
func TestWalk_TellsAnErrorOfTheFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is broken")
	tarFile := tarred(t, tar.FormatPAX, entry{name: "a", content: strings.Repeat("x", 200<<10)})
	for name, file := range map[string][]byte{
		"tar":    tarFile,
		"gzip":   gzipped(t, "", []byte(random(200<<10))),
		"script": []byte("#!" + strings.Repeat("x", 200<<10)),
		"zip":    zipped(t, "", entry{name: "a", content: random(200 << 10)}),
	} {
		for _, good := range []int{0, 100, 600, 100 << 10} {
			r := &failing{ReaderAt: bytes.NewReader(file), from: int64(good), err: broken}
			err := Walk(t.Context(), r, int64(len(file)), func(_ string, content io.Reader) error {
				_, err := io.Copy(io.Discard, content)
				return err
			})
			require.ErrorIs(t, err, broken, "%s from %d", name, good)
		}
	}
}

// failing is a file that cannot be read from an offset on.
type failing struct {
	io.ReaderAt
	from int64
	err  error
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(p, off)
}

// TestWalk_EndsWhenItIsTold, in the middle of a member, too.
func TestWalk_EndsWhenItIsTold(t *testing.T) {
	t.Parallel()
	file := tarred(t, tar.FormatPAX, entry{name: "a", content: strings.Repeat("x", 300<<10)}, entry{name: "b", content: "y"})
	ctx, cancel := context.WithCancel(t.Context())
	var seen []string
	err := Walk(ctx, bytes.NewReader(file), int64(len(file)), func(name string, content io.Reader) error {
		seen = append(seen, name)
		_, err := content.Read(make([]byte, 10))
		cancel()
		require.NoError(t, err)
		n, err := io.Copy(io.Discard, content)
		require.Zero(t, n)
		require.ErrorIs(t, err, context.Canceled)
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"a"}, seen)

	own := errors.New("enough")
	seen = nil
	err = Walk(t.Context(), bytes.NewReader(file), int64(len(file)), func(name string, _ io.Reader) error {
		seen = append(seen, name)
		return own
	})
	require.ErrorIs(t, err, own)
	require.Equal(t, []string{"a"}, seen)
}

// TestWalk_FindsDamageThatNobodyReads: a caller may leave the rest of a member.
func TestWalk_FindsDamageThatNobodyReads(t *testing.T) {
	t.Parallel()
	file := gzipped(t, "", []byte(random(200<<10)))
	file[len(file)-100] ^= 0xff
	err := Walk(t.Context(), bytes.NewReader(file), int64(len(file)), func(string, io.Reader) error { return nil })
	require.ErrorIs(t, err, ErrDamaged)
}

// TestWalk_ShowsWhatStandsInATar between members: headers, links, and the rest.
func TestWalk_ShowsWhatStandsInATar(t *testing.T) {
	t.Parallel()
	got, err := walked(t, tarred(t, tar.FormatPAX, entry{name: "a", content: "1"}, entry{name: "l", link: "target-089"}, entry{name: "e"}))
	require.NoError(t, err)
	require.Equal(t, []string{"a: 1", "l: target-089", "e: "}, got[:3])
	require.True(t, strings.HasPrefix(got[3], "headers: a"), got[3][:20])
	require.Len(t, got, 5)
	require.True(t, strings.HasPrefix(got[4], "content: "))

	// Headers are shown before there are too many of them to keep.
	var many []entry
	for i := range 300 {
		many = append(many, entry{name: fmt.Sprint(i)})
	}
	got, err = walked(t, tarred(t, tar.FormatPAX, many...))
	require.NoError(t, err)
	headers := 0
	for _, m := range got {
		if rest, ok := strings.CutPrefix(m, "headers: "); ok {
			headers++
			require.LessOrEqual(t, len(rest), 64<<10+1024)
		}
	}
	require.Equal(t, 3, headers)
}

// TestWalk_ReadsNoMoreThanAFile of a wrong size.
func TestWalk_ReadsNoMoreThanAFile(t *testing.T) {
	t.Parallel()
	err := Walk(t.Context(), bytes.NewReader([]byte("abc")), 10, func(string, io.Reader) error { return nil })
	require.ErrorIs(t, err, io.EOF)
}

// TestOptions_LooksIntoFurtherFormats, with memory that it gives back.
func TestOptions_LooksIntoFurtherFormats(t *testing.T) {
	t.Parallel()
	is := func(head []byte) bool { return bytes.HasPrefix(head, []byte("OTHER")) }
	file := []byte("OTHER file")
	walk := func(o Options) (seen []string, err error) {
		err = o.Walk(t.Context(), bytes.NewReader(file), int64(len(file)), func(name string, content io.Reader) error {
			dt, err := io.ReadAll(content)
			seen = append(seen, name+": "+string(dt))
			return err
		})
		return seen, err
	}
	memory, limit := int64(1089), int64(0)
	during := int64(0)
	compressed := Format{Name: "other", Is: is, Open: func(in *bufio.Reader, most int64) (io.ReadCloser, int64, error) {
		limit = most
		text, err := in.ReadString(' ')
		return io.NopCloser(readFunc(func(p []byte) (int, error) {
			during = memory
			n := copy(p, text)
			text = text[n:]
			if n == 0 {
				return 0, io.EOF
			}
			return n, nil
		})), 89, err
	}}
	seen, err := walk(Options{Formats: []Format{{Is: func([]byte) bool { return false }}, compressed}, Memory: &memory})
	require.NoError(t, err)
	require.Equal(t, []string{"content: OTHER "}, seen)
	require.Equal(t, []int64{1089, 1000, 1089}, []int64{limit, during, memory})

	compressed.Open = func(*bufio.Reader, int64) (io.ReadCloser, int64, error) { return nil, 0, ErrMemory }
	_, err = walk(Options{Formats: []Format{compressed}, Memory: &memory})
	require.ErrorIs(t, err, ErrMemory)

	_, err = walk(Options{Formats: []Format{{Name: "other", Is: is}}})
	require.EqualError(t, err, "its format is not looked into (other)")
}

// TestOptions_EndsWhereItsCallerDoes.
func TestOptions_EndsWhereItsCallerDoes(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	file := []byte("OTHER file")
	spent, shown := 0, 0
	archive := func(do func(a *Archive) error) Options {
		return Options{
			Spend: func(n int) error {
				if spent += n; spent > 10 {
					return enough
				}
				return nil
			},
			Formats: []Format{{Is: func(head []byte) bool { return string(head) == string(file) }, Members: do}},
		}
	}
	walk := func(do func(a *Archive) error) error {
		spent, shown = 0, 0
		return archive(do).Walk(t.Context(), bytes.NewReader(file), int64(len(file)), func(string, io.Reader) error { shown++; return nil })
	}
	require.NoError(t, walk(func(a *Archive) error {
		require.Equal(t, int64(len(file)), a.Size)
		return errors.Join(a.Spend(10), a.Member("a", strings.NewReader("x")))
	}))
	require.Equal(t, []int{10, 1}, []int{spent, shown})
	require.ErrorIs(t, walk(func(a *Archive) error { _ = a.Spend(11); return nil }), enough, "whatever the format makes of it")
	require.ErrorIs(t, walk(func(*Archive) error { return ErrEncrypted }), ErrEncrypted)
	require.ErrorIs(t, walk(func(*Archive) error { return io.ErrUnexpectedEOF }), ErrDamaged)
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
