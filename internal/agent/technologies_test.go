package agent

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseTechnologies_HasOneFormForEachList(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Technologies{
		"all": nil, "java,all": nil, "java": {"java"}, "nginx,java,nginx": {"java", "nginx"}, "java-graal-native,x_2": {"java-graal-native", "x_2"},
	} {
		got, err := ParseTechnologies(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		require.Equal(t, want == nil, got.All(), text)
		again, err := ParseTechnologies(got.String())
		require.NoError(t, err, text)
		require.Equal(t, got, again, text)
	}
	for _, text := range []string{"", ",", "java,", "java, nginx", "Java", "java\n", "java,\x1b[2J", "a=b"} {
		_, err := ParseTechnologies(text)
		require.ErrorContains(t, err, "invalid technology ", text)
	}
}

func TestNewTechnologies_LeavesItsArgument(t *testing.T) {
	t.Parallel()
	names := []string{"php", "go", "php"}
	require.Equal(t, Technologies{"go", "php"}, NewTechnologies(names...))
	require.Equal(t, []string{"php", "go", "php"}, names)
	require.Nil(t, NewTechnologies())
	require.Nil(t, NewTechnologies("go", "all"))
}

func TestTechnologies_AreWrittenForOthers(t *testing.T) {
	t.Parallel()
	require.Equal(t, "all", Technologies(nil).String())
	require.Equal(t, []string{"all"}, Technologies(nil).Names())
	require.Equal(t, "go,java", Technologies{"go", "java"}.String())
	require.Equal(t, []string{"go", "java"}, Technologies{"go", "java"}.Names())
	require.Empty(t, JoinTechnologies(nil), "an agent without code modules has not all of them")
	require.Equal(t, "go,java", JoinTechnologies([]string{"go", "java"}))
}

// The documents in images name all technologies by naming none.
func TestTechnologies_InDocuments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Technologies{
		`{"mode":"","arch":""}`: nil, `{"mode":"","arch":"","include":["go","java"]}`: {"go", "java"},
	} {
		var s Settings
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		require.Equal(t, want, s.Include)
		written, err := json.Marshal(s)
		require.NoError(t, err)
		require.JSONEq(t, text, string(written))
	}
	for text, want := range map[string]Technologies{
		`["java","go","java"]`: {"go", "java"}, `["java","all"]`: nil, `[]`: nil, `null`: nil,
	} {
		var got Technologies
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		require.Equal(t, want, got, text)
	}
	var none Technologies
	require.Error(t, json.Unmarshal([]byte(`"java"`), &none))
}

func TestKnownTechnologies_AreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	every := []string{
		"apache", "dotnet", "envoy", "go", "java", "java-graal-native", "nginx", "nodejs", "php", "python", "ruby", "sdk",
	}
	for _, f := range []Flavor{"", "default", "multidistro"} {
		require.Equal(t, every, KnownTechnologies(f))
	}
	require.Equal(t, []string{"apache", "java", "nginx", "nodejs"}, KnownTechnologies("musl"))
}
