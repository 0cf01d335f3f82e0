package verify

import (
	"context"
	"encoding/base64"
	"runtime"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// leaksIn returns the places of what is found in a document.
func leaksIn(text string) map[string]string {
	a := &audit{budget: newBudget(context.Background(), Options{}), scanner: scan.New([]scan.Value{{Kind: "tenant token", Value: "0123456789abcdef"}}), seen: map[string]bool{}}
	if err := a.document(image.Document{Kind: image.KindConfig, Text: []byte(text)}, nil); err != nil {
		panic(err)
	}
	out := map[string]string{}
	for _, l := range a.report.Leaks {
		out[l.Path] = l.Kind + ", " + l.Form
	}
	return out
}

// A path costs nothing before something is found: a document may have many
// members below long names.
func TestDocument_MakesNoPathForNothing(t *testing.T) {
	const depth, members = 90, 20_000
	text := strings.Repeat(`{"`+strings.Repeat("k", 900)+`":`, depth) + `[0` + strings.Repeat(",0", members) + `]` + strings.Repeat("}", depth)
	before := allocatedBytes()
	require.Empty(t, leaksIn(text))
	// With a path for each member it is more than a gigabyte.
	require.Less(t, allocatedBytes()-before, uint64(100<<20))
}

func allocatedBytes() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func TestEveryTextOfADocumentIsLookedAt(t *testing.T) {
	const value = "0123456789abcdef"
	encoded := base64.StdEncoding.EncodeToString([]byte(`{"payload":"` + base64.StdEncoding.EncodeToString([]byte("ENV DT_TENANT=abc12345\n")) + `"}`))
	tests := map[string]struct {
		text string
		want map[string]string
	}{
		"value":                {`{"a":{"b":["x","` + value + `"]}}`, map[string]string{"a.b[1]": "tenant token, plain"}},
		"escaped":              {`{"a":"\u00301` + value[2:] + `"}`, map[string]string{"a": "tenant token, plain"}},
		"name":                 {`{"` + value + `":1}`, map[string]string{"…": "tenant token, plain"}},
		"first of two members": {`{"a":"` + value + `","a":"x"}`, map[string]string{"a": "tenant token, plain"}},
		"variable":             {`{"Env":["DT_TENANT=abc12345"]}`, map[string]string{"Env[0]: DT_TENANT": "environment id, plain"}},
		"build arg":            {`{"build-arg:DT_API_TOKEN":"x"}`, map[string]string{"build-arg:DT_API_TOKEN": "API token, plain"}},
		"base64 in base64":     {`{"a":"` + encoded + `"}`, map[string]string{"a.payload: DT_TENANT": "environment id, base64"}},
		"no JSON at its end":   {`{"a":1} ` + value, map[string]string{"": "tenant token, plain"}},
		"nested without end":   {strings.Repeat(`[`, 5000) + `"` + value + `"` + strings.Repeat(`]`, 5000), map[string]string{"": "tenant token, plain"}},
		"nothing":              {`{"a":"b","c":[1,true,null]}`, map[string]string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, leaksIn(tt.text))
		})
	}
}

// The budget ends the look into a document at whichever of its parts it is spent.
func TestDocument_EndsWithTheBudget(t *testing.T) {
	text := `{"a":{"b":[1,{"c":"x","d":[[{"e":2}]]}]}}`
	enough := 0
	for steps := int64(1); enough == 0; steps++ {
		a := &audit{budget: newBudget(t.Context(), Options{MaxBytes: steps * 16}), scanner: scan.New(nil), seen: map[string]bool{}}
		err := a.document(image.Document{Kind: image.KindConfig, Text: []byte(text)}, nil)
		if err == nil {
			enough = int(steps * 16)
			require.GreaterOrEqual(t, a.budget.left, int64(0), "it was spent before the end")
			continue
		}
		var over *BudgetError
		require.ErrorAs(t, err, &over)
	}
	require.Greater(t, enough, 10*stepCost)
}
