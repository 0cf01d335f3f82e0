package scan

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	mrand "math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sentinel returns a value that nothing else holds, with characters that a URL
// has to escape.
func sentinel() string {
	return "s+" + rand.Text() + "/=&\u00fc" + strings.ToLower(rand.Text()[:6])
}

// noise is binary data without a meaning.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func TestEveryFormIsFound(t *testing.T) {
	v := sentinel()
	encodings := map[string]*base64.Encoding{"std": base64.StdEncoding, "URL": base64.URLEncoding, "raw": base64.RawStdEncoding}
	tests := map[string]struct {
		form string
		text string
	}{
		"plain":            {"plain", v},
		"lower case":       {"plain", strings.ToLower(v)},
		"JSON":             {"JSON", strings.ReplaceAll(v, "/", `\/`)},
		"JSON, by Go":      {"JSON", strings.ReplaceAll(v, "&", `\u0026`)},
		"hex":              {"hex", hex.EncodeToString([]byte(v))},
		"upper-case hex":   {"hex", strings.ToUpper(hex.EncodeToString([]byte(v)))},
		"query":            {"URL-encoded", url.QueryEscape(v)},
		"lower-case query": {"URL-encoded", lowerEscapes(url.QueryEscape(v))},
		"UTF-16LE":         {"UTF-16", utf16(v, false)},
		"UTF-16BE":         {"UTF-16", utf16(v, true)},
	}
	for name, enc := range encodings {
		for _, before := range []string{"", "x", "xy", "xyz", "user:", "=?"} {
			tests["base64 "+name+" after "+before] = struct{ form, text string }{
				"base64", enc.EncodeToString([]byte(before + v + ":after")),
			}
		}
	}
	s := New([]Value{{Kind: "token", Value: v}, {Kind: "other", Value: sentinel()}})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := append(append(noise(1000), tt.text...), noise(1000)...)
			st := s.Stream()
			st.Write(text)
			require.Contains(t, st.Findings(), Finding{"token", tt.form})
			for _, f := range st.Findings() {
				require.Equal(t, "token", f.Kind)
			}
		})
	}
}

func TestNothingIsFoundInNoise(t *testing.T) {
	s := New([]Value{{Kind: "token", Value: sentinel()}, {Kind: "id", Value: "abc12345"}})
	st := s.Stream()
	st.Write(noise(4 << 20))
	require.Empty(t, st.Findings())
}

// A match must be found however the reads fall.
func TestMatchesCrossReads(t *testing.T) {
	v := sentinel()
	s := New([]Value{{Kind: "token", Value: v}})
	text := append(append(noise(3000), v...), noise(3000)...)
	for range 300 {
		st := s.Stream()
		for rest := text; len(rest) > 0; {
			n := 1 + mrand.IntN(min(len(rest), 700))
			st.Write(rest[:n])
			rest = rest[n:]
		}
		require.Equal(t, []Finding{{"token", "plain"}}, st.Findings())
	}
	// One byte at a time.
	st := s.Stream()
	for i := range text {
		st.Write(text[i : i+1])
	}
	require.Equal(t, []Finding{{"token", "plain"}}, st.Findings())
}

// The search agrees with a plain one on texts that are all near-misses.
func TestSearchAgreesWithNaive(t *testing.T) {
	letters := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ab"[mrand.IntN(2)]
		}
		return b
	}
	for range 200 {
		var patterns []pattern
		for range 1 + mrand.IntN(5) {
			patterns = append(patterns, pattern{data: letters(6 + mrand.IntN(6))})
		}
		text := letters(400)
		want := 0
		for _, p := range patterns {
			for i := range text {
				if bytes.HasPrefix(text[i:], p.data) {
					want++
				}
			}
		}
		got := 0
		newSearch(patterns).find(text, func(*pattern, int) { got++ })
		require.Equal(t, want, got)
	}
}

func TestAddress(t *testing.T) {
	tests := map[string][]string{
		"https://abc.live.example.invalid/communication": {"https://abc.live.example.invalid/communication", "abc.live.example.invalid"},
		"https://ag.example.invalid:9999/communication":  {"https://ag.example.invalid:9999/communication", "ag.example.invalid:9999", "ag.example.invalid"},
		// Every agent knows localhost.
		"http://127.0.0.1:8080/e/x/api": {"http://127.0.0.1:8080/e/x/api", "127.0.0.1:8080"},
		"http://localhost/api":          {"http://localhost/api"},
		"ag.example.invalid:9999":       {"ag.example.invalid:9999", "ag.example.invalid"},
		"ag.example.invalid":            {"ag.example.invalid"},
		"http://me:pass1@p.invalid:31":  {"http://me:pass1@p.invalid:31", "p.invalid:31", "p.invalid", "me:pass1"},
		// Words that any text may hold.
		"http://proxy:3128":         {"http://proxy:3128", "proxy:3128", "://proxy"},
		"https://dynatrace/e/x/api": {"https://dynatrace/e/x/api", "://dynatrace"},
		"":                          nil,
	}
	for address, want := range tests {
		var got []string
		for _, v := range Address("address", address) {
			got = append(got, v.Value)
		}
		require.Equal(t, want, got, address)
	}
}

func TestPrintable(t *testing.T) {
	require.Equal(t, "a\ufffd[31mb\ufffdc \u00fc", Printable("a\x1b[31mb\nc \u00fc"))
}
