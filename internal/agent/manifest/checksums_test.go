package manifest

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// md5Of are of the empty text and of "abc".
const (
	md5OfNothing = "d41d8cd98f00b204e9800998ecf8427e"
	md5OfABC     = "900150983cd24fb0d6963f7d28e17f72"
)

// TestChecksums_LeavesOutWhatClustersCustomise: they are listed with the MD5 of
// templates.
func TestChecksums_LeavesOutWhatClustersCustomise(t *testing.T) {
	t.Parallel()
	text := `{"version":"1","technologies":{"java":{"linux-x86-64":[{"path":"x","md5":"` + md5OfABC + `"}`
	for _, name := range Customised {
		text += `,{"path":"./` + name + `","md5":"` + md5OfABC + `"}`
	}
	m, err := read(t, text+`]}}}`)
	require.NoError(t, err)
	require.Equal(t, Checksums{"x": {md5OfABC}, configuration: nil}, m.Checksums())
	require.ErrorContains(t, Checksums{configuration: nil}.Missing(), "the agent lacks "+configuration, "an agent needs it")
}

// TestChecksums_KnowsAFileOfSeveralTechnologies, with the same or another MD5.
func TestChecksums_KnowsAFileOfSeveralTechnologies(t *testing.T) {
	t.Parallel()
	entry := func(sum string) string { return `{"linux-x86-64":[{"path":"x","md5":"` + sum + `"}]}` }
	m, err := read(t, `{"version":"1","technologies":{"a":`+entry(md5OfABC)+`,"b":`+entry(md5OfNothing)+`,"c":`+entry(md5OfABC)+`}}`)
	require.NoError(t, err)
	for text, ok := range map[string]bool{"": true, "abc": true, "abcd": false} {
		sum := NewHash()
		sum.Write([]byte(text))
		require.Equal(t, ok, m.Checksums().Check("x", sum) == nil, text)
	}
}

func TestMissing_KnowsWhatComesAndGoes(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"log/ignore_me.txt": true, "datastorage/ignore_me.txt": true, "agent/dt_fips_disabled.flag": true,
		"agent/log/x": false, "logs": false,
	} {
		require.Equal(t, ok, Checksums{name: nil}.Missing() == nil, name)
	}
}

func TestWithChecksums(t *testing.T) {
	t.Parallel()
	const text = `{ "a": [{"md5":"` + md5OfABC + `","path":"./conf"}, {"path":"other", "md5":"` + md5OfABC + `"},
		{"path":"conf"}, {"path":"conf","md5":""}, {"PATH":"conf", "MD5" : "x"}, {"path":["conf"],"md5":"x"},
		{"path":"conf","md5":null,"in":{"path":"other","md5":"y"}}] }`
	const want = `{ "a": [{"md5":"` + md5OfNothing + `","path":"./conf"}, {"path":"other", "md5":"` + md5OfABC + `"},
		{"path":"conf"}, {"path":"conf","md5":""}, {"PATH":"conf", "MD5" : "` + md5OfNothing + `"}, {"path":["conf"],"md5":"x"},
		{"path":"conf","md5":null,"in":{"path":"other","md5":"y"}}] }`
	got, err := WithChecksums([]byte(text), map[string]string{"conf": md5OfNothing})
	require.NoError(t, err)
	require.True(t, bytes.Equal([]byte(want), got), "the text must be the same, not only its meaning: %s", got)
	_, err = WithChecksums([]byte(`{"a":`), nil)
	require.ErrorContains(t, err, "reading manifest.json")
}

// FuzzWithChecksums: nothing changes but what is asked for, and once is enough.
func FuzzWithChecksums(f *testing.F) {
	f.Add([]byte(`{"a":[{"path":"x","md5":"y"}]}`))
	f.Add([]byte(`1E700`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		same, err := WithChecksums(text, nil)
		require.NoError(t, err)
		require.Equal(t, string(text), string(same))
		once, err := WithChecksums(text, map[string]string{"x": md5OfABC})
		require.NoError(t, err)
		require.True(t, json.Valid(once))
		twice, err := WithChecksums(once, map[string]string{"x": md5OfABC})
		require.NoError(t, err)
		require.Equal(t, string(once), string(twice))
	})
}
