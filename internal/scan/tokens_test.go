package scan

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func randomToken() string {
	const from = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := []byte("dt0s16.")
	for i := range tokenPublicLength + 1 + tokenSecretLength {
		if i == tokenPublicLength {
			b = append(b, '.')
			continue
		}
		b = append(b, from[rand.IntN(len(from))])
	}
	return string(b)
}

// encodings returns a text with a token in all forms, by a name whose first
// word is the form.
func encodings(text string) map[string]string {
	std := base64.StdEncoding.EncodeToString([]byte(text))
	var lines strings.Builder
	for i := 0; i < len(std); i += 76 {
		lines.WriteString(std[i:min(i+76, len(std))] + "\r\n")
	}
	return map[string]string{
		"base64":             std,
		"base64 in lines":    lines.String(),
		"base64 for URLs":    base64.RawURLEncoding.EncodeToString([]byte(text)),
		"hex":                hex.EncodeToString([]byte(text)),
		"hex in upper case":  strings.ToUpper(hex.EncodeToString([]byte(text))),
		"UTF-16":             utf16(text, false),
		"UTF-16, big endian": utf16(text, true),
	}
}

func TestTokensAreFoundInOtherForms(t *testing.T) {
	for _, before := range []string{"", "x", "xy", "user:\xff\xfe>"} {
		requireTokens(t, before, before+randomToken())
		requireTokens(t, before, before+randomToken()+"\xff>")
	}
}

// requireTokens fails unless the token in a text is found in all of its forms,
// however the reads fall.
func requireTokens(t *testing.T, before, text string) {
	t.Helper()
	for name, encoded := range encodings(text) {
		form, _, _ := strings.Cut(strings.ReplaceAll(name, ",", ""), " ")
		in := "some words " + encoded + " and more"
		for _, size := range []int{1, 7, len(in)} {
			tokens := NewTokens()
			for rest := []byte(in); len(rest) > 0; rest = rest[min(size, len(rest)):] {
				_, err := tokens.Write(rest[:min(size, len(rest))])
				require.NoError(t, err)
			}
			require.Equal(t, []Finding{{"API token", form}}, tokens.Findings(), "%s after %q, by %d", name, before, size)
		}
	}
}

func TestWhatOnlyBeginsAsATokenIsNone(t *testing.T) {
	token := randomToken()
	for _, text := range []string{token[:tokenLength-1], "dt0c01.ABC", strings.ToLower(token), strings.Replace(token, ".", ":", 1)} {
		for name, encoded := range encodings(text) {
			tokens := NewTokens()
			_, err := tokens.Write([]byte(encoded))
			require.NoError(t, err)
			require.Empty(t, tokens.Findings(), "%s", name)
		}
	}
}

func BenchmarkTokens(b *testing.B) {
	data := make([]byte, 16<<20)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	text := bytes.Repeat([]byte("the quick brown fox jumps over the lazy dog 0123 "), len(data)/49)
	for name, in := range map[string][]byte{"binary": data, "text": text} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				NewTokens().Write(in) //nolint:errcheck // it never fails
			}
		})
	}
}
