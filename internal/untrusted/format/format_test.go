package format_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/packed"
	"github.com/org/dt-frontend/internal/untrusted/format"
	"github.com/org/dt-frontend/internal/untrusted/member"
	"github.com/stretchr/testify/require"
)

// walk returns what is in a file. What has one name is joined.
func walk(file string, memory int64) (map[string]string, error) {
	got := map[string]string{}
	o := member.Options{Formats: format.All(), Memory: &memory}
	err := o.Walk(context.Background(), strings.NewReader(file), int64(len(file)), func(name string, r io.Reader) error {
		content, err := io.ReadAll(r)
		got[name] += string(content)
		return err
	})
	return got, err
}

const enough = 66 << 20

func TestAll_ReadsEachFormat(t *testing.T) {
	content := strings.Repeat(rand.Text()+"\n", 100)
	for name, tt := range map[string]struct{ file, member string }{
		"zstd":                {packed.Zstd(content), member.Content},
		"zstd behind a frame": {packed.Skippable("x") + packed.Zstd(content), member.Content},
		"xz":                  {packed.Xz(content), member.Content},
		"tar in xz":           {packed.Xz(packed.Tar("dir/a", content)), "dir/a"},
		"ar":                  {packed.Ar("a.txt", content), "a.txt"},
		"cpio":                {packed.Cpio("dir/a", content), "dir/a"},
		"old cpio":            {packed.OldCpio("dir/a", content), "dir/a"},
		"cpio behind a cpio":  {packed.Cpio("x", "y") + strings.Repeat("\x00", 512) + content, "content"},
		"deflate":             {packed.Deflate(content), member.Content},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := walk(tt.file, enough)
			require.NoError(t, err)
			require.Equal(t, content, got[tt.member])
			_, err = walk(tt.file[:len(tt.file)/2], enough)
			if name != "deflate" && name != "cpio behind a cpio" {
				require.ErrorIs(t, err, member.ErrDamaged)
			}
		})
	}
}

// A text that a delta ends stands in no object whole.
func TestAll_ResolvesDeltas(t *testing.T) {
	content := rand.Text() + rand.Text()
	got, err := walk(packed.Pack(content), enough)
	require.NoError(t, err)
	require.Contains(t, got["blob"], "# a file\nkey="+content)
}

func TestAll_NamesWhatItCannotRead(t *testing.T) {
	for name, head := range map[string]string{
		"lz4": "\x04\x22\x4d\x18", "7z": "7z\xbc\xaf\x27\x1c", "rpm": "\xed\xab\xee\xdb", "squashfs": "hsqs", "rar": "Rar!\x1a\x07\x00",
		"lzma": "\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff", "compress": "\x1f\x9d\x90",
	} {
		_, err := walk(head+rand.Text(), enough)
		require.ErrorIs(t, err, member.ErrUnknownFormat)
		require.ErrorContains(t, err, name)
	}
}

func TestAll_KeepsToItsMemory(t *testing.T) {
	large := packed.Xz("x")
	// A dictionary of 4 GB.
	large = large[:16] + "\x28" + large[17:]
	for name, file := range map[string]string{
		"zstd": "\x28\xb5\x2f\xfd\x00\x98\x01\x00\x00", "xz": large, "less than xz takes": packed.Xz("x"),
	} {
		memory := int64(enough)
		if name == "less than xz takes" {
			memory = 1 << 20
		}
		_, err := walk(file, memory)
		require.ErrorIs(t, err, member.ErrMemory, name)
	}
}

// Deltas that build upon one another cost what is made of them.
func TestPack_CountsWhatNobodySees(t *testing.T) {
	file := packed.Pack(rand.Text())
	spent, memory := 0, int64(enough)
	stop := errors.New("stop")
	o := member.Options{Formats: format.All(), Memory: &memory, Spend: func(n int) error {
		if spent += n; spent > 1000 {
			return stop
		}
		return nil
	}}
	err := o.Walk(t.Context(), strings.NewReader(file), int64(len(file)), func(string, io.Reader) error { return nil })
	require.ErrorIs(t, err, stop)
}

func TestAll_TakesNothingElseForDeflate(t *testing.T) {
	is := format.All()[len(format.All())-1].Is
	texts := []string{strings.Repeat("\x00", 512), strings.Repeat("K and so on, ", 40), strings.Repeat("S", 512)}
	for range 10_000 {
		b := make([]byte, 512)
		_, _ = rand.Read(b)
		texts = append(texts, string(b))
	}
	found := 0
	for _, text := range texts {
		if is([]byte(text)) {
			found++
		}
	}
	require.Less(t, found, 20, "noise is looked into for nothing")
}

func FuzzWalk(f *testing.F) {
	for _, file := range []string{
		packed.Zstd("x"), packed.Xz("x"), packed.Ar("a", "x"), packed.Cpio("a", "x"), packed.OldCpio("a", "x"), packed.Pack("content"), packed.Deflate("x"),
	} {
		f.Add([]byte(file))
	}
	f.Add(binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), 1<<31))
	f.Fuzz(func(t *testing.T, b []byte) {
		memory := int64(enough)
		o := member.Options{Formats: format.All(), Memory: &memory}
		err := o.Walk(t.Context(), bytes.NewReader(b), int64(len(b)), func(_ string, r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
		var own *member.Error
		if err != nil {
			require.ErrorAs(t, err, &own)
		}
		require.Equal(t, int64(enough), memory)
	})
}
