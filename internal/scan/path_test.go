package scan

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestScannerPath_HidesPartsThatHoldAValue(t *testing.T) {
	t.Parallel()
	v := rand.Text() + digits
	token := "dt0c01." + rand.Text()[:24] + "." + secretPart()
	s := New([]Value{{"x", v}, {"address", "https://host-0189.invalid/e/" + v}, {"short", "ab9"}})
	for name, tt := range map[string]struct{ path, want string }{
		"nothing":            {"opt/a b/c", "opt/a b/c"},
		"nothing at all":     {"", ""},
		"a file":             {"opt/" + v, "opt/…"},
		"a directory":        {"opt/" + v + "/b", "opt/…/b"},
		"a part of a name":   {"opt/x-" + v + ".log/b", "opt/…/b"},
		"two of them":        {v + "/a/" + v, "…/a/…"},
		"hex":                {"a/" + hex.EncodeToString([]byte(v)) + "/b", "a/…/b"},
		"a token":            {"a/" + token + "/b", "a/…/b"},
		"a word":             {"a/ab9/b", "a/…/b"},
		"no word":            {"a/cab9/b", "a/cab9/b"},
		"over several parts": {"a/" + v[:10] + "/" + v[10:] + "/b", "a/" + v[:10] + "/" + v[10:] + "/b"},
		"an address":         {"a/https://host-0189.invalid/e/" + v + "/b", "a/https://host-0189.invalid/e/…/b"},
		"control characters": {"a\x1b[31m/b\n", "a\ufffd[31m/b\ufffd"},
		"no UTF-8":           {"a\xff/b", "a\ufffd/b"},
	} {
		require.Equal(t, tt.want, s.Path(tt.path), name)
	}
	s = New([]Value{{"address", "host-0189.invalid/e/abc"}})
	require.Equal(t, "…", s.Path("a/host-0189.invalid/e/abc/b"), "a value over several parts")
}

func TestScannerPath_CutsLongOnes(t *testing.T) {
	t.Parallel()
	v := rand.Text() + digits
	s := New([]Value{{"x", v}, {"address", "host-0189.invalid/e/abc"}})
	long := func(n int) string { return strings.Repeat("directory/", n) }
	require.Equal(t, long(100)[:MaxShown], s.Path(long(100)))
	require.Equal(t, long(50)+"…", s.Path(long(100)+"x"))
	require.Equal(t, "…/"+long(40)+"…", s.Path("a"+v+"/"+long(40)+strings.Repeat("x", MaxShown)))
	require.Equal(t, "…", s.Path(strings.Repeat("x", MaxShown+1)))
	require.Equal(t, long(50)+"…", s.Path(long(50)+v+strings.Repeat("/x", MaxShown)))
	// The cut is in the middle of a value.
	require.Equal(t, "…", s.Path(long(49)+"host-0189.invalid/e/abc"+strings.Repeat("/x", MaxShown)))
	require.Equal(t, "…", s.Path("x/"+long(48)+"host-0189.invalid/e/abc"+strings.Repeat("/x", MaxShown)))
}

func TestScannerWord_HidesTheWhole(t *testing.T) {
	t.Parallel()
	v := rand.Text() + digits
	s := New([]Value{{"x", v}})
	require.Equal(t, "a word", s.Word("a word", 6))
	require.Equal(t, "…", s.Word("a word", 5))
	require.Equal(t, "…", s.Word("a/"+v, 1000))
	require.Equal(t, "a\ufffdb", s.Word("a\nb", 10))
	require.Empty(t, s.Word("", 0))
}
