package member

import (
	"bufio"
	"bytes"
	"errors"
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
		return errors.Join(a.Spend(10), a.Member("a", strings.NewReader("x")))
	}))
	require.Equal(t, []int{10, 1}, []int{spent, shown})
	require.ErrorIs(t, walk(func(a *Archive) error { _ = a.Spend(11); return nil }), enough, "whatever the format makes of it")
	require.ErrorIs(t, walk(func(*Archive) error { return ErrEncrypted }), ErrEncrypted)
	require.ErrorIs(t, walk(func(*Archive) error { return io.ErrUnexpectedEOF }), ErrDamaged)
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
