package member

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// walk returns what is in b. What has one name is joined.
func walk(t testing.TB, b []byte) (map[string]string, error) {
	t.Helper()
	got := map[string]string{}
	err := Walk(t.Context(), bytes.NewReader(b), int64(len(b)), func(name string, r io.Reader) error {
		content, err := io.ReadAll(r)
		got[name] += string(content)
		return err
	})
	return got, err
}

// bzipped is "hello\n" as bzip2 packs it.
const bzipped = "425a6839314159265359c1c080e2000001410000100244a00030cd00c3462997177245385090c1c080e2"

func TestWalk(t *testing.T) {
	t.Parallel()
	a, b := random(3000), random(3000)
	files := []entry{{name: "dir/a", content: a}, {name: strings.Repeat("long/", 50) + "b", content: b}}
	bz, err := hex.DecodeString(bzipped)
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		file []byte
		want map[string]string
	}{
		"gzip":             {gzipped(t, "", []byte(a)), map[string]string{Content: a}},
		"gzip with a name": {gzipped(t, "a.log", []byte(a)), map[string]string{"a.log": a}},
		"gzips":            {slices.Concat(gzipped(t, "", []byte(a)), gzipped(t, "", nil), gzipped(t, "", []byte(b))), map[string]string{Content: a + b}},
		"gzip and more":    {slices.Concat(gzipped(t, "", []byte(a)), []byte("rest")), map[string]string{Content: a}},
		"zlib":             {zlibbed(t, []byte(a)), map[string]string{Content: a}},
		"bzip2":            {bz, map[string]string{Content: "hello\n"}},
		"zip":              {zipped(t, "", files...), map[string]string{files[0].name: a, files[1].name: b}},
		"zip behind":       {slices.Concat([]byte("#!/bin/sh\n"+random(5000)), zipped(t, "", files...)), map[string]string{files[0].name: a, files[1].name: b}},
		"empty zip":        {zipped(t, ""), map[string]string{}},
		"zip behind a gzip": {
			slices.Concat(gzipped(t, "", []byte(b)), zipped(t, "", files[0])),
			map[string]string{Content: b, files[0].name: a},
		},
		"script":       {slices.Concat([]byte("#!/bin/sh\n"+b+"\n"), gzipped(t, "", tarred(t, tar.FormatUSTAR))), map[string]string{Content: string(make([]byte, 1024))}},
		"script alone": {[]byte("#!/bin/sh\necho"), map[string]string{}},
		"none":         {[]byte(random(3000)), map[string]string{}},
		"empty":        {nil, map[string]string{}},
		"like zlib":    {[]byte("x^\x07 = y^2"), map[string]string{Content: ""}},
		"like a zip":   {slices.Concat([]byte(random(3000)), []byte("PK\x05\x06"), bytes.Repeat([]byte{0xff}, 18), []byte(random(100))), map[string]string{}},
		"like a tar":   {bytes.Repeat([]byte("0"), 512), map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := walk(t, tt.file)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

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

func TestWalkSeesComments(t *testing.T) {
	t.Parallel()
	long := random(30_000)
	got, err := walk(t, zipped(t, long, entry{name: "x", content: "y", comment: "about x"}))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"x": "y", "x (comment)": "about x", "(comment)": long}, got)
}

// TestWalkSeesAllOfATar in members, and the rest of it as one.
func TestWalkSeesAllOfATar(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long/", 50) + random(10)
	files := []entry{{name: "dir/a", content: random(3000)}, {name: long, content: random(1000)}, {name: "l", link: long}, {name: "empty"}}
	for _, format := range []tar.Format{tar.FormatPAX, tar.FormatGNU} {
		file := slices.Concat(tarred(t, format, files...), []byte("what is behind its end"))
		for name, file := range map[string][]byte{"plain": file, "in gzip": gzipped(t, "x.tar", file), "in zlib": zlibbed(t, file)} {
			got, err := walk(t, file)
			require.NoError(t, err, name)
			require.ElementsMatch(t, []string{"dir/a", long, "l", "empty", Headers, Content}, slices.Collect(maps.Keys(got)), name)
			require.Equal(t, files[0].content, got["dir/a"])
			require.Equal(t, files[1].content, got[long])
			require.Equal(t, long, got["l"])
			require.Contains(t, got[Content], "what is behind its end")
			require.Contains(t, got[Headers], "dir/a\x00")
		}
	}
}

func TestWalkSeesAllOfADamagedTar(t *testing.T) {
	t.Parallel()
	a, b := random(3000), random(3000)
	file := tarred(t, tar.FormatGNU, entry{name: "a", content: a}, entry{name: "second", content: b})
	file[bytes.Index(file, []byte("second\x00"))] = 'x'
	got, err := walk(t, gzipped(t, "", file))
	require.NoError(t, err)
	require.Equal(t, a, got["a"])
	require.Contains(t, got[Content], b)
	_, err = walk(t, file[:2000])
	require.NoError(t, err, "what there is of it is in the file")
}

func TestWalkTellsWhatItCannotSee(t *testing.T) {
	t.Parallel()
	content := random(3000)
	good := zipped(t, "", entry{name: "a", content: content}, entry{name: "b", content: content})
	change := func(at int, to byte) []byte {
		b := bytes.Clone(good)
		b[bytes.Index(b, []byte("PK\x01\x02"))+at] = to
		return b
	}
	zip := gzipped(t, "", []byte(content))
	for name, tt := range map[string]struct {
		file []byte
		want error
		seen string
	}{
		"encrypted":      {change(8, 1), ErrEncrypted, "b"},
		"unknown method": {change(10, 93), ErrUnknownMethod, "b"},
		"other checksum": {change(16, good[bytes.Index(good, []byte("PK\x01\x02"))+16]^1), ErrDamaged, "b"},
		"zip cut off":    {good[:len(good)-40], ErrDamaged, ""},
		"gzip cut off":   {zip[:len(zip)-10], ErrDamaged, Content},
		"second gzip":    {slices.Concat(zip, zip[:len(zip)-10]), ErrDamaged, Content},
		"gzip, no more":  {[]byte("\x1f\x8b\x08\x00"), ErrDamaged, ""},
		"bzip2 cut off":  {[]byte("BZh91AY&SY12"), ErrDamaged, ""},
		"tar in it":      {gzipped(t, "", tarred(t, tar.FormatPAX, entry{name: "x", content: content}))[:1000], ErrDamaged, "x"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := walk(t, tt.file)
			var own *Error
			require.ErrorAs(t, err, &own)
			require.ErrorIs(t, err, tt.want)
			if tt.seen != "" {
				require.NotEmpty(t, got[tt.seen], "what can be seen is")
			}
		})
	}
}

func TestWalkBounds(t *testing.T) {
	t.Parallel()
	nothing := make([]byte, freeBytes+32<<20)
	empty := make([]entry, maxEntries+1)
	for i := range empty {
		empty[i].name = "x"
	}
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"gzip bomb":     {gzipped(t, "", nothing), "it holds too much (more than 8"},
		"tar in it":     {gzipped(t, "", tarred(t, tar.FormatGNU, entry{name: "x", content: string(nothing)})), "it holds too much (more than 8"},
		"zip bomb":      {zipped(t, "", entry{name: "x", content: string(nothing)}), "it holds too much (more than 8"},
		"many in zip":   {zipped(t, "", empty...), "200001 entries"},
		"many in a tar": {tarred(t, tar.FormatUSTAR, empty...), "more than 200000 files"},
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

func TestWalkEnds(t *testing.T) {
	t.Parallel()
	file := gzipped(t, "", make([]byte, 10<<20))
	ours := errors.New("ours")
	err := Walk(t.Context(), bytes.NewReader(file), int64(len(file)), func(string, io.Reader) error { return ours })
	require.ErrorIs(t, err, ours)

	ctx, cancel := context.WithCancel(t.Context())
	err = Walk(ctx, bytes.NewReader(file), int64(len(file)), func(_ string, r io.Reader) error {
		cancel()
		_, err := io.Copy(io.Discard, r)
		return err
	})
	require.ErrorIs(t, err, context.Canceled)

	err = Walk(t.Context(), brokenDisk{bytes.NewReader(file)}, int64(len(file)), func(_ string, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
	require.ErrorIs(t, err, errDisk, "and not that the archive is damaged")
}

var errDisk = errors.New("input/output error")

// brokenDisk fails behind the first bytes.
type brokenDisk struct{ io.ReaderAt }

func (d brokenDisk) ReadAt(p []byte, off int64) (int, error) {
	if off > 0 {
		return 0, errDisk
	}
	return d.ReaderAt.ReadAt(p, off)
}

func FuzzWalk(f *testing.F) {
	f.Add(gzipped(f, "x", []byte("content")))
	f.Add(zlibbed(f, []byte("content")))
	f.Add(zipped(f, "comment", entry{name: "x", content: "content"}))
	f.Add(tarred(f, tar.FormatPAX, entry{name: "x", content: "content"}, entry{name: "y", link: "x"}))
	f.Add(gzipped(f, "", tarred(f, tar.FormatGNU, entry{name: "x", content: "content"})))
	f.Add(slices.Concat([]byte("#!/bin/sh\nexit\n"), gzipped(f, "", []byte("content"))))
	f.Fuzz(func(t *testing.T, b []byte) {
		left := freeBytes + maxRatio*int64(len(b))
		err := Walk(t.Context(), bytes.NewReader(b), int64(len(b)), func(_ string, r io.Reader) error {
			n, err := io.Copy(io.Discard, r)
			left -= n
			return err
		})
		require.GreaterOrEqual(t, left, int64(0))
		var own *Error
		if err != nil {
			require.ErrorAs(t, err, &own)
		}
	})
}

// BenchmarkWalk is of files that are no archives, as most are.
func BenchmarkWalk(b *testing.B) {
	for _, size := range []int{1 << 10, 32 << 10, 1 << 20} {
		file := bytes.NewReader([]byte(random(size / 2)))
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, Walk(b.Context(), file, int64(size), nil))
			}
		})
	}
}

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
