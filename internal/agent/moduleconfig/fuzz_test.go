package moduleconfig

import (
	"bytes"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

// settings are those of a text, by section and key.
func settings(t *testing.T, text []byte) map[[2]string]string {
	t.Helper()
	f, err := parse(text)
	require.NoError(t, err)
	out := map[[2]string]string{}
	for name, s := range f.sections {
		for key, v := range s.settings {
			// What is one by itself, wherever it stood.
			if !isLink(line(key, v.value) + "\n") {
				out[[2]string{name, key}] = v.value
			}
		}
	}
	return out
}

// FuzzMerge: whatever the API sends and the installer leaves, the merged file has
// the installer's settings and in their place or beside them the API's, and no
// other.
func FuzzMerge(f *testing.F) {
	f.Add([]byte(own), "agentType", "java", "off", "general", "x", "a b")
	f.Add([]byte("\ufeff# x\r\n[a]\r\nb  c\r\n"), "general", "k", "v\n[x]", "general]", "k", "v")
	f.Add([]byte("\ufeff\ufefftenant x\n"), "general", "export", "tenant x", "general", "=k", " ")
	f.Fuzz(func(t *testing.T, text []byte, section1, key1, value1, section2, key2, value2 string) {
		text = withoutLinks(text)
		if _, err := parse(text); err != nil {
			return
		}
		var want = settings(t, text)
		var kept []agent.Property
		for _, p := range []agent.Property{{Section: section1, Key: key1, Value: value1}, {Section: section2, Key: key2, Value: value2}} {
			some, _, err := Filter([]agent.Property{p}, scan.New(nil))
			if err != nil {
				require.Empty(t, some)
				continue
			}
			require.Len(t, some, 1)
			require.Equal(t, []string{p.Section, p.Key}, []string{some[0].Section, some[0].Key})
			require.Contains(t, p.Value, some[0].Value)
			kept = append(kept, some...)
			want[[2]string{p.Section, p.Key}] = some[0].Value
		}
		merged, err := Merge(text, kept)
		require.NoError(t, err)
		require.Equal(t, want, settings(t, merged))
		require.Equal(t, string(merged), string(withoutLinks(merged)))
		require.True(t, IsMerge(merged))
		for _, p := range kept {
			require.True(t, bytes.Contains(merged, []byte("\n["+p.Section+"]\n")))
			require.True(t, bytes.Contains(merged, []byte("\n"+line(p.Key, p.Value)+"\n")) || key1 == key2)
		}
		again, err := Merge(merged, kept)
		require.NoError(t, err)
		require.Equal(t, string(merged), string(again))
	})
}
