package member

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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
		dt, err := io.ReadAll(io.NewSectionReader(a, 0, a.Size))
		require.NoError(t, err)
		require.Equal(t, file, dt)
		return errors.Join(a.Spend(10), a.Member("a", strings.NewReader("x")))
	}))
	require.Equal(t, []int{10, 1}, []int{spent, shown})
	require.ErrorIs(t, walk(func(a *Archive) error { _ = a.Spend(11); return nil }), enough, "whatever the format makes of it")
	require.ErrorIs(t, walk(func(*Archive) error { return ErrEncrypted }), ErrEncrypted)
	require.ErrorIs(t, walk(func(*Archive) error { return io.ErrUnexpectedEOF }), ErrDamaged)
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// closing counts how often it is closed, and fails once before it reads on.
type closing struct {
	parts  []string
	closed int
}

// Read returns one part, or fails for an empty one.
func (c *closing) Read(p []byte) (int, error) {
	if len(c.parts) == 0 {
		return 0, io.EOF
	}
	part := c.parts[0]
	c.parts = c.parts[1:]
	if part == "" {
		return 0, io.ErrUnexpectedEOF
	}
	return copy(p, part), nil
}

// Close counts.
func (c *closing) Close() error { c.closed++; return nil }

// TestOptions_ClosesWhatItOpened, and reads nothing behind an error.
func TestOptions_ClosesWhatItOpened(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		parts, want []string
		err         error
	}{
		{[]string{"a", "b"}, []string{"content: ab"}, nil},
		{[]string{"a", "", "b"}, []string{"content: a"}, &Error{Member: Content, Reason: ErrDamaged}},
		{[]string{"", "b"}, []string{"content: "}, &Error{Member: Content, Reason: ErrDamaged}},
		{nil, []string{"content: "}, nil},
	} {
		memory, r := int64(10), &closing{parts: tt.parts}
		o := Options{Memory: &memory, Formats: []Format{{
			Is:   func([]byte) bool { return true },
			Open: func(*bufio.Reader, int64) (io.ReadCloser, int64, error) { return r, 10, nil },
		}}}
		var seen []string
		err := o.Walk(t.Context(), strings.NewReader("OTHER"), 5, func(name string, content io.Reader) error {
			require.Zero(t, r.closed)
			require.Zero(t, memory)
			dt, err := io.ReadAll(content)
			seen = append(seen, name+": "+string(dt))
			return err
		})
		require.Equal(t, tt.err, err)
		require.Equal(t, tt.want, seen)
		require.Equal(t, 1, r.closed)
		require.Equal(t, int64(10), memory)
	}
}

// TestOptions_TellsWhatAFormatSays of what it cannot read.
func TestOptions_TellsWhatAFormatSays(t *testing.T) {
	t.Parallel()
	own := &Error{Member: "inner", Reason: ErrUnknownMethod, Detail: "lzma"}
	for _, tt := range []struct {
		says error
		want *Error
	}{
		{own, own},
		{fmt.Errorf("reading: %w", own), own},
		{fmt.Errorf("reading: %w", ErrMemory), &Error{Reason: ErrMemory}},
		{fmt.Errorf("reading: %w", ErrEncrypted), &Error{Reason: ErrEncrypted}},
		{fmt.Errorf("reading: %w", zip.ErrAlgorithm), &Error{Reason: ErrUnknownMethod}},
		{io.ErrUnexpectedEOF, &Error{Reason: ErrDamaged}},
	} {
		require.Equal(t, tt.want, members(t, 10, func(*Archive) error { return tt.says }))
		memory := int64(1)
		o := Options{Memory: &memory, Formats: []Format{{
			Is:   func([]byte) bool { return true },
			Open: func(*bufio.Reader, int64) (io.ReadCloser, int64, error) { return nil, 1, tt.says },
		}}}
		require.Equal(t, tt.want, o.Walk(t.Context(), strings.NewReader("OTHER"), 5, nil))
		require.Equal(t, int64(1), memory)
		// Later it is said of what is being read.
		o.Formats[0].Open = func(*bufio.Reader, int64) (io.ReadCloser, int64, error) {
			return io.NopCloser(readFunc(func([]byte) (int, error) { return 0, tt.says })), 1, nil
		}
		want := *tt.want
		if tt.want != own {
			want.Member = Content
		}
		require.Equal(t, &want, o.Walk(t.Context(), strings.NewReader("OTHER"), 5, func(string, io.Reader) error { return nil }))
	}
}

// TestOptions_EndsWithItsCallersError, whatever the format makes of that.
func TestOptions_EndsWithItsCallersError(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	ctx, cancel := context.WithCancel(t.Context())
	do := func(a *Archive) error {
		require.Equal(t, enough, a.Member("a", strings.NewReader("x")))
		return nil
	}
	o := Options{Formats: []Format{{Is: func([]byte) bool { return true }, Members: func(a *Archive) error { return do(a) }}}}
	fn := func(string, io.Reader) error { return enough }
	require.Equal(t, enough, o.Walk(ctx, strings.NewReader("OTHER"), 5, fn))
	do = func(a *Archive) error {
		cancel()
		require.ErrorIs(t, a.Spend(1), context.Canceled)
		require.ErrorIs(t, a.Member("a", strings.NewReader("x")), context.Canceled)
		return nil
	}
	require.ErrorIs(t, o.Walk(ctx, strings.NewReader("OTHER"), 5, fn), context.Canceled)
}
