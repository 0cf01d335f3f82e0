package member

import (
	"bytes"
	"slices"
	"strings"
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

// TestWalk_KnowsWhatIsCompressed by its first bytes, and takes nothing else for
// it.
func TestWalk_KnowsWhatIsCompressed(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]struct {
		shown []string
		err   error
	}{
		"BZh9\x17rE8P\x90\x00\x00\x00\x00": {[]string{"content: "}, nil},
		"BZh91AY&SY":                       {[]string{"content: "}, ErrDamaged},
		"BZh91AY&S":                        {nil, nil},
		"BZx91AY&SY12":                     {nil, nil},
		"BZh91AY&SX12":                     {nil, nil},
		"BZh9":                             {nil, nil},
		"x\x9c":                            {nil, nil},
		"x\x9c\x03":                        {[]string{"content: "}, nil},
		"x\x01\x03\x00":                    {[]string{"content: "}, nil},
		"x\x5e\x03\x00":                    {[]string{"content: "}, nil},
		"x\xda\x03\x00":                    {[]string{"content: "}, nil},
		"x\x9d\x03\x00":                    {nil, nil},
		"x \x03\x00":                       {nil, nil},
		"\x00\x00\x03\x00":                 {nil, nil},
		"\x1f\x8b\x08\x00":                 {nil, ErrDamaged},
		"\x1f\x8b\x08\x20\x00\x00\x00":     {nil, nil},
		"\x1f\x8b\x08\x80\x00\x00\x00":     {nil, nil},
		"\x1f\x8b\x07\x00\x00\x00\x00":     {nil, nil},
		"\x1f\x8c\x08\x00\x00\x00\x00":     {nil, nil},
		"\x1e\x8b\x08\x00\x00\x00\x00":     {nil, nil},
	} {
		got, err := walked(t, []byte(file))
		require.Equal(t, want.shown, got, "%q", file)
		if want.err == nil {
			require.NoError(t, err, "%q", file)
			continue
		}
		var own *Error
		require.ErrorAs(t, err, &own, "%q", file)
		require.Equal(t, want.err, own.Reason, "%q", file)
	}
}

// TestWalk_IgnoresWhatFollowsTheLastStream, after one and after several.
func TestWalk_IgnoresWhatFollowsTheLastStream(t *testing.T) {
	t.Parallel()
	one := gzipped(t, "a", []byte("one,"))
	for n := range 4 {
		for _, rest := range []string{"", "z", "\x1f\x8b\x08", "\x1f\x8b\x08\x20rest", "rest that is not gzip"} {
			got, err := walked(t, append(bytes.Repeat(one, n+1), rest...))
			require.NoError(t, err, "%d, %q", n, rest)
			require.Equal(t, []string{"a: " + strings.Repeat("one,", n+1)}, got, "%d, %q", n, rest)
		}
	}
}

// TestWalk_ReadsGzipOfText: a flag says that the content is text.
func TestWalk_ReadsGzipOfText(t *testing.T) {
	t.Parallel()
	file := gzipped(t, "", []byte("text-089"))
	file[3] |= 1
	got, err := walked(t, slices.Concat(file, file))
	require.NoError(t, err)
	require.Equal(t, []string{"content: text-089text-089"}, got)
}
