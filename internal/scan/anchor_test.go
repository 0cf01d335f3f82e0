package scan

import (
	"bytes"
	"crypto/rand"
	"maps"
	"slices"
	"testing"

	"github.com/org/dt-frontend/integration/standin/packed"
	"github.com/stretchr/testify/require"
)

// What is found in one read is found however the reads fall: a match that is
// compared by rules reaches no further than the scanner keeps.
func TestScanner_FindsEveryFormAcrossReads(t *testing.T) {
	t.Parallel()
	token := encodedPrefixes[0] + rand.Text()[:24] + "." + secretPart()
	s := New([]Value{{Kind: "it", Value: token[:40]}, {Kind: "other", Value: rand.Text()}})
	for _, name := range slices.Sorted(maps.Keys(packed.Forms)) {
		text := slices.Concat(bytes.Repeat([]byte("x "), 900), []byte(packed.Forms[name](token)), bytes.Repeat([]byte("y\n"), 900))
		whole := s.Stream()
		whole.Write(text)
		for _, size := range []int{1, 7, 300, 1500} {
			st := s.Stream()
			for rest := text; len(rest) > 0; rest = rest[min(size, len(rest)):] {
				st.Write(rest[:min(size, len(rest))])
			}
			require.Equal(t, whole.Findings(), st.Findings(), "%s, in reads of %d", name, size)
		}
	}
}

func TestHasSplit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"abcdef": false, "abc\ndef": true, "abc\r\n   def": true, "abc\\\ndef": true, "abc=\r\ndef": true, "ab\n# cd\n# ef": true,
		`abc" + "def`: true, "abc'\n  'def": true, `abc\ndef`: true, "abc def": false, "abc\nxdef": false, "abc": false, "abc\n": false, `abc"def`: false,
		"abc\n\n\ndef": true, "abc\n" + string(bytes.Repeat([]byte(" "), 100)) + "def": false,
	} {
		require.Equal(t, want, hasSplit([]byte(text), []byte("abcdef")), "%q", text)
	}
}

// Numbers without end, and lines without end, are read no further than a value
// may reach.
func TestScanner_BoundsWhatItCompares(t *testing.T) {
	t.Parallel()
	n := numberForms[0]
	long := bytes.Repeat([]byte("64:"), 1<<20)
	require.Len(t, n.decode(long, maxToken), maxToken)
	require.Len(t, unsplit(bytes.Repeat([]byte("x\n"), 1<<20), maxToken), maxToken)
	for _, p := range New([]Value{{Kind: "it", Value: string(bytes.Repeat([]byte("v1"), 4000))}}).search.patterns {
		require.LessOrEqual(t, p.span, maxSpan)
	}
}
