package member

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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

// TestWalk_ReadsNoMoreThanAFile of a wrong size.
func TestWalk_ReadsNoMoreThanAFile(t *testing.T) {
	t.Parallel()
	err := Walk(t.Context(), bytes.NewReader([]byte("abc")), 10, func(string, io.Reader) error { return nil })
	require.ErrorIs(t, err, io.EOF)
}

// TestWalk_EndsWithTheErrorOfEachMember, and shows no other after it.
func TestWalk_EndsWithTheErrorOfEachMember(t *testing.T) {
	t.Parallel()
	own := errors.New("enough")
	gone, _, found := bytes.Cut(zipped(t, "", entry{name: "gone", content: "secret"}), []byte("PK\x01\x02"))
	require.True(t, found)
	for name, file := range map[string][]byte{
		"deleted": slices.Concat(gone, gone, offset(t, zipped(t, "", entry{name: "a", content: "1"}), 2*len(gone))),
		"tar":     tarred(t, tar.FormatPAX, entry{name: "a", content: "1"}, entry{name: "l", link: "target"}, entry{name: "b", content: "2"}),
		"zip":     zipped(t, "about all", entry{name: "a", content: "1", comment: "about a"}, entry{name: "b", content: "2"}),
		"gzip":    gzipped(t, "", []byte("1")),
		"script":  append([]byte("#!/bin/sh\n"), gzipped(t, "", []byte("1"))...),
		"two":     slices.Concat(gzipped(t, "", []byte("1")), zipped(t, "", entry{name: "a", content: "2"})),
	} {
		all, err := walked(t, file)
		require.NoError(t, err, name)
		for last := range all {
			seen := 0
			err := Walk(t.Context(), bytes.NewReader(file), int64(len(file)), func(string, io.Reader) error {
				if seen++; seen > last {
					return own
				}
				return nil
			})
			require.Equal(t, own, err, "%s, member %d", name, last)
			require.Equal(t, last+1, seen, "%s, member %d", name, last)
		}
	}
}

// eager is a file that says with the last byte that it ends.
type eager struct{ *bytes.Reader }

// ReadAt reads as [io.ReaderAt] allows it.
func (e eager) ReadAt(p []byte, off int64) (int, error) {
	n, err := e.Reader.ReadAt(p, off)
	if err == nil && off+int64(n) == e.Size() {
		err = io.EOF
	}
	return n, err
}

// TestWalk_TakesNoEndForAnError, with the last byte or after it.
func TestWalk_TakesNoEndForAnError(t *testing.T) {
	t.Parallel()
	gone, _, found := bytes.Cut(zipped(t, "", entry{name: "gone", content: "1"}), []byte("PK\x01\x02"))
	require.True(t, found)
	for name, file := range map[string][]byte{
		"tar":     tarred(t, tar.FormatPAX, entry{name: "a", content: "1"}),
		"zip":     zipped(t, "about all", entry{name: "a", content: "1"}),
		"deleted": slices.Concat(gone, offset(t, zipped(t, "PK\x03\x04"+strings.Repeat("x", 40), entry{name: "a", content: "1"}), len(gone))),
		"gzip":    gzipped(t, "", []byte("1")),
		"script":  append([]byte("#!/bin/sh\n"), gzipped(t, "", []byte("1"))...),
		"nothing": []byte("x"),
	} {
		want, err := walked(t, file)
		require.NoError(t, err, name)
		var got []string
		err = Walk(t.Context(), eager{bytes.NewReader(file)}, int64(len(file)), func(name string, r io.Reader) error {
			dt, err := io.ReadAll(r)
			got = append(got, name+": "+string(dt))
			return err
		})
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
}
