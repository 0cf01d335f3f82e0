package scan

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShortValuesAreWholeWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"tenant ab12": true, "ab12": true, "xab12": false, "ab123": false, "ab12 ": true, " ab12": true, "ab12ab12 ab12": true,
		"x=ab12;": true, "ab12_": false, "a binary\x00ab12 xx": false, "ab12\x00": false, "ab1": false, "": false,
	} {
		requireShort(t, "ab12", text, want)
	}
	for text, want := range map[string]bool{"a-b": true, "xa-b": false, " a-b.": true, "a-bc": false} {
		requireShort(t, "a-b", text, want)
	}
	for text, want := range map[string]bool{"-": true, "x-y": true, "xy": false} {
		requireShort(t, "-", text, want)
	}
}

// requireShort looks for a value in a text, however the reads fall.
func requireShort(t *testing.T, value, text string, want bool) {
	t.Helper()
	s := New([]Value{{Kind: "id", Value: value}, {Kind: "other", Value: "zzz"}})
	for first := range len(text) + 1 {
		for second := first; second <= len(text); second++ {
			st := s.Stream()
			for _, part := range []string{text[:first], text[first:second], text[second:]} {
				st.Write([]byte(part))
				st.Findings() // changes nothing
			}
			require.Equal(t, want, len(st.Findings()) == 1, "%q in %q, cut at %d and %d", value, text, first, second)
		}
	}
}

// TestShortValuesAreFoundOnce, in a text of more than one read.
func TestShortValuesAreFoundOnce(t *testing.T) {
	t.Parallel()
	st := New([]Value{{Kind: "id", Value: "ab12"}, {Kind: "id", Value: "ab12"}}).Stream()
	for range 100 {
		st.Write([]byte("some text and ab12, "))
	}
	require.Equal(t, []Finding{{"id", "plain"}}, st.Findings())
}
