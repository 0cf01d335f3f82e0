package member

import (
	"archive/tar"
	"bytes"
	"encoding/hex"
	"io"
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

func TestWalkSeesComments(t *testing.T) {
	t.Parallel()
	long := random(30_000)
	got, err := walk(t, zipped(t, long, entry{name: "x", content: "y", comment: "about x"}))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"x": "y", "x (comment)": "about x", "(comment)": long}, got)
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
