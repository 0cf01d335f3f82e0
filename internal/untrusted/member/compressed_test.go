package member

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

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
