package verify

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A layer that removes something costs what its own paths are long, however many
// files there are below it, and however deep they lie.
func TestOverlay_DoesNotLookAtEveryFileForAWhiteout(t *testing.T) {
	b := newBudget(t.Context(), Options{})
	below := &layer{facts: newFacts(false, b)}
	deep := strings.Repeat("d/", 500)
	for i := range 1000 {
		require.NoError(t, below.facts.add(fmt.Sprintf("%s%d/manifest.json", deep, i), false))
	}
	o, err := newOverlay([]*layer{below}, b)
	require.NoError(t, err)
	const whiteouts = 100
	above := &layer{facts: newFacts(false, b)}
	for i := range whiteouts {
		above.facts.gone[fmt.Sprintf("x%d", i)] = true
	}
	before := b.left
	require.NoError(t, o.add(above))
	require.LessOrEqual(t, before-b.left, int64(whiteouts*stepCost))
	require.Len(t, o.files, 1000)
}

func TestOverlay_RemovesWhatALayerRemoves(t *testing.T) {
	names := []string{"a", "a-b", "a/b", "a/b/c", "d/e", "x/y/z"}
	for name, tt := range map[string]struct {
		gone, emptied []string
		left          []string
	}{
		"nothing":                   {nil, nil, names},
		"a file":                    {[]string{"d/e"}, nil, []string{"a", "a-b", "a/b", "a/b/c", "x/y/z"}},
		"a directory":               {[]string{"a"}, nil, []string{"a-b", "d/e", "x/y/z"}},
		"a directory's content":     {nil, []string{"a"}, []string{"a", "a-b", "d/e", "x/y/z"}},
		"everything":                {nil, []string{""}, nil},
		"a directory without files": {[]string{"x"}, nil, []string{"a", "a-b", "a/b", "a/b/c", "d/e"}},
		"what is not there":         {[]string{"q", "a/b/c/d"}, []string{"d/q"}, names},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBudget(t.Context(), Options{})
			facts := b.facts
			below, above := &layer{facts: newFacts(false, b)}, &layer{facts: newFacts(false, b)}
			for _, n := range names {
				require.NoError(t, below.facts.add(n, false))
			}
			for _, n := range tt.gone {
				above.facts.gone[n] = true
			}
			for _, n := range tt.emptied {
				above.facts.emptied[n] = true
			}
			o, err := newOverlay([]*layer{below, above}, b)
			require.NoError(t, err)
			require.Equal(t, tt.left, o.sorted())
			o.close()
			require.Equal(t, facts-int64(len(names)), b.facts, "what the overlay took is given back")
		})
	}
}
