package scan

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// secretPart is of a token.
func secretPart() string { return (rand.Text() + rand.Text() + rand.Text())[:64] }

func TestTokensAreFoundByTheirForm(t *testing.T) {
	t.Parallel()
	token := "dt0c01." + rand.Text()[:24] + "." + secretPart()
	for name, tt := range map[string]struct {
		text string
		want int
	}{
		"token":        {"x=" + token + "\n", 1},
		"in a word":    {"x" + token + "x", 1},
		"platform":     {"dt0s16" + token[6:], 1},
		"another":      {"dt0Z99" + token[6:], 1},
		"of a client":  {"dt0s02." + rand.Text()[:8] + "." + secretPart(), 1},
		"EdgeConnect":  {"dt0e01." + rand.Text()[:15] + "." + secretPart()[:40], 1},
		"lower case":   {strings.ToLower(token), 1},
		"half of it":   {token[:60], 0},
		"public part":  {token[:31], 0},
		"no kind":      {"dt0cc1" + token[6:], 0},
		"no letter":    {"dt0001" + token[6:], 0},
		"no point":     {"dt0c01_" + token[7:], 0},
		"three points": {token[:40] + "." + token[40:], 0},
		"a sample":     {token[:32] + strings.Repeat("X", 64), 0},
		"a long part":  {"dt0c01." + strings.Repeat("A", 33) + "." + secretPart(), 0},
	} {
		require.Len(t, New(nil).String(tt.text), tt.want, name)
	}
}

func TestEncodedTokensAreFoundByTheirForm(t *testing.T) {
	t.Parallel()
	s := New(nil)
	for _, prefix := range encodedPrefixes {
		token := prefix + rand.Text()[:24] + "." + secretPart()
		h := hex.EncodeToString([]byte(token))
		texts := map[string]string{
			"hex": h, "hex, upper case": strings.ToUpper(h),
			"UTF-16": utf16("x="+token+"\n", false), "UTF-16, big-endian": utf16("x="+token+"\n", true),
			"base64, long": base64.StdEncoding.EncodeToString([]byte("user:" + token + strings.Repeat(" and more", 100))),
		}
		for _, before := range []string{"", "x", "xy"} {
			texts["base64 after "+before] = base64.StdEncoding.EncodeToString([]byte(before + token))
			texts["base64, for URLs, after "+before] = base64.RawURLEncoding.EncodeToString([]byte(before + token + "?"))
		}
		for name, text := range texts {
			form, _, _ := strings.Cut(name, ",")
			form, _, _ = strings.Cut(form, " after")
			require.Equal(t, []Finding{{"API token", form}}, s.String("x"+text), "%s, %s", prefix, name)
			// However the reads fall.
			for at := 0; at < len(text); at += 7 {
				st := s.Stream()
				st.Write([]byte(text[:at]))
				st.Write([]byte(text[at:]))
				require.Equal(t, []Finding{{"API token", form}}, st.Findings(), "%s, %s, cut at %d", prefix, name, at)
			}
			require.Empty(t, s.String(text[:60]), "%s, %s", prefix, name)
		}
	}
}

// FuzzToken: what begins like one is read no further than it goes.
func FuzzToken(f *testing.F) {
	f.Add("dt0c01." + strings.Repeat("A", 24) + ".")
	f.Add("647430633031" + "2e")
	f.Add("ZHQwYzAxLg")
	f.Add("64:74:30:63:30:31:2e:")
	f.Add("100, 116, 48, 99, 48, 49, 46, ")
	f.Add("dt0c01.\\\nABC=\n\"+ \"")
	s := New(nil)
	f.Fuzz(func(t *testing.T, text string) {
		whole := s.String(text)
		st := s.Stream()
		for i := range len(text) {
			st.Write([]byte(text[i : i+1]))
		}
		require.Equal(t, whole, st.Findings())
	})
}
