package verify_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/org/dt-frontend/integration/leaky"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

// A text is found wherever it stands in an image.
func TestAudit_FindsATextInEveryPlace(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(places)) {
		t.Run(name, func(t *testing.T) {
			token := leaky.NewSecrets().APIToken
			ref := places[name](t, token)
			r, err := look(t.Context(), t, ref, verify.Options{})
			require.NoError(t, err)
			require.True(t, finds(r, "API token"))
			r, err = look(t.Context(), t, ref, verify.Options{Values: []scan.Value{{Kind: "it", Value: token[:60]}}})
			require.NoError(t, err)
			require.True(t, finds(r, "it"))
		})
	}
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

func finds(r *verify.Report, kind string) bool {
	return slices.ContainsFunc(r.Leaks, func(l verify.Leak) bool { return l.Kind == kind })
}
