package verify_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/integration/standin/packed"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The forms that an audit does not know, and those that it knows of values only.
var (
	unknownForms = []string{
		"UTF-32, big-endian", "UTF-32, little-endian", "ROT13", "XOR", "base64 of UTF-16", "base64 of gzip", "base64 three times", "base85",
		"binary digits", "bits turned round", "hex of base64", "reversed", "spaces between",
	}
	unknownTokens = []string{"upper case"}
)

// One table of the places and forms in which an image may have a token: what an
// audit finds that is given its value, and by its form alone.
func TestAudit_FindsATokenInPlacesAndForms(t *testing.T) {
	rows := map[string]func(t *testing.T, text string) string{}
	for name, write := range places {
		rows["place: "+name] = write
	}
	for name, form := range packed.Forms {
		rows["form: "+name] = inFile(func(s string) string { return "key=" + form(s) + "\n" })
	}
	values, tokens := 0, 0
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		token := leaky.NewSecrets().APIToken
		ref := rows[name](t, token)
		// The kind of a value that is given hides that of a token.
		value, own := finds(t, ref, "it", token[:95-7]), finds(t, ref, "API token", "")
		_, form, _ := strings.Cut(name, ": ")
		isForm := strings.HasPrefix(name, "form: ")
		known := !isForm || !slices.Contains(unknownForms, form)
		assert.Equal(t, known, value, "%s, with the value", name)
		assert.Equal(t, known && (!isForm || !slices.Contains(unknownTokens, form)), own, "%s, by the token's form", name)
		t.Logf("%-45s %-6v %v", name, value, own)
		if value {
			values++
		}
		if own {
			tokens++
		}
	}
	t.Logf("%d places and forms: %d with the value, %d by the token's form", len(rows), values, tokens)
	require.GreaterOrEqual(t, len(rows), 95)
	require.GreaterOrEqual(t, values, 75)
	require.GreaterOrEqual(t, tokens, 65)
}

// What is found in a file is not found again around it.
func TestAudit_FindsATextOnce(t *testing.T) {
	s := leaky.NewSecrets()
	for name, img := range map[string]*leaky.Image{
		"file":                   fileOf("f", s.APIToken),
		"name":                   fileOf(s.APIToken, "x"),
		"a file with others":     leaky.New("x", nil, []leaky.File{{Name: "a", Content: "x"}, {Name: "b", Content: s.APIToken}, {Name: "c"}, {Name: "d", Content: "x"}}),
		"names in one directory": leaky.New("x", nil, []leaky.File{{Name: s.APIToken + "/a", Content: "x"}, {Name: s.APIToken + "/b", Content: "x"}}),
	} {
		require.Len(t, audit(t, img, verify.Options{}).Leaks, 1, name)
	}
}

// finds reports whether an audit of an image finds a kind of value. The value is
// given, or empty.
func finds(t *testing.T, ref, kind, value string) bool {
	t.Helper()
	var o verify.Options
	if value != "" {
		o.Values = []scan.Value{{Kind: kind, Value: value}}
	}
	r, err := look(t.Context(), t, ref, o)
	require.NoError(t, err)
	return slices.ContainsFunc(r.Leaks, func(l verify.Leak) bool { return l.Kind == kind })
}
