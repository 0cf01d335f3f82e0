package member

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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

// TestWalk_KnowsATarByItsChecksum, of which old programs take bytes for signed.
func TestWalk_KnowsATarByItsChecksum(t *testing.T) {
	t.Parallel()
	file := tarred(t, tar.FormatGNU, entry{name: "a\xe4", content: "1089"})
	sum := func(signed bool, format string) []byte {
		out := bytes.Clone(file)
		copy(out[148:156], "        ")
		n := 0
		for _, c := range out[:512] {
			if signed {
				n += int(int8(c))
			} else {
				n += int(c)
			}
		}
		copy(out[148:156], fmt.Sprintf(format, n))
		return out
	}
	for name, file := range map[string][]byte{
		"unsigned": sum(false, "%06o\x00 "), "signed": sum(true, "%06o\x00 "), "spaces": sum(false, "%6o  "), "digits only": sum(false, "%08o"),
	} {
		got, err := walked(t, file)
		require.NoError(t, err, name)
		require.NotEmpty(t, got, name)
		require.Equal(t, "a\xe4: 1089", got[0], name)
	}
	for at, by := range map[int]byte{0: 1, 147: 1, 155: '1', 156: 1, 511: 1} {
		other := bytes.Clone(file)
		other[at] += by
		got, err := walked(t, other)
		require.NoError(t, err, at)
		require.Empty(t, got, at)
	}
	got, err := walked(t, file[:511])
	require.NoError(t, err)
	require.Empty(t, got, "less than a header")
	got, err = walked(t, make([]byte, 1024))
	require.NoError(t, err)
	require.Empty(t, got, "an end alone")
}

// TestWalk_ShowsALinkAndItsContent where a member has both.
func TestWalk_ShowsALinkAndItsContent(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: "a", Linkname: "target", Size: 4, Typeflag: tar.TypeReg}))
	_, err := w.Write([]byte("1089"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	got, err := walked(t, b.Bytes())
	require.NoError(t, err)
	require.Equal(t, []string{"a: target", "a: 1089"}, got[:2])
}
