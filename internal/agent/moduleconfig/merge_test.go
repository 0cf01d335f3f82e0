package moduleconfig

import (
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// own is an agent's, as an installer leaves it.
const own = `# OneAgent process agent configuration
# of its installer
[general]
storage "/var/x y"
# what is not to be monitored
injectionRules -1::A,B;-2::C,D
storage  /last	one

[agentType]
php off
; on by default
java on
[other section]
a b
# the end
`

func TestMerge(t *testing.T) {
	merged, err := Merge([]byte(own), []agent.Property{
		{Section: "agentType", Key: "java", Value: "off"},
		{Section: "agentType", Key: "nginx", Value: "on"},
		{Section: "general", Key: "injectionRules", Value: "-3::E = [x] # y"},
	})
	require.NoError(t, err)
	require.Equal(t, mark+`
# OneAgent process agent configuration
# of its installer
[agentType]
; on by default
java off
nginx on
php off
[general]
# what is not to be monitored
injectionRules -3::E = [x] # y
storage /last	one
[other section]
a b
# the end
`, string(merged))
	require.True(t, IsMerge(merged))
	require.False(t, IsMerge([]byte(own)))

	again, err := Merge(merged, nil)
	require.NoError(t, err)
	require.Equal(t, string(merged), string(again))
}

func TestMergeIntoOtherFiles(t *testing.T) {
	properties := []agent.Property{{Section: "general", Key: "a", Value: "1"}, {Section: "general", Key: "b"}}
	for name, tt := range map[string]struct{ text, want string }{
		"empty":             {"", "[general]\na 1\nb\n"},
		"comments alone":    {"# x\n", "[general]\na 1\nb\n# x\n"},
		"no section":        {"a 0\n", "a 0\n[general]\na 1\nb\n"},
		"of another system": {"\ufeff# x\r\n[general]\r\na 0\r\nc  2 \r\n", "# x\n[general]\na 1\nb\nc 2\n"},
		"a section twice":   {"[general]\na 0\n[x]\n[general]\nc 2", "[general]\na 1\nb\nc 2\n[x]\n"},
		"links":             {"[general]\n\ufeff\ufefftenant x\n", "[general]\na 1\nb\n\ufeff\ufefftenant x\n"},
	} {
		got, err := Merge([]byte(tt.text), properties)
		require.NoError(t, err, name)
		require.Equal(t, mark+"\n"+tt.want, string(got), name)
	}
	for text, want := range map[string]string{
		"[general\n":        "line 1 is no section",
		"# x\n\n[]\n":       "line 3 is no section",
		"a b\n[general] x ": "line 2 is no section",
	} {
		_, err := Merge([]byte(text), properties)
		require.EqualError(t, err, "the agent's "+File+" cannot be read: "+want)
	}
}
