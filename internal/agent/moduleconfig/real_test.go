package moduleconfig

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

// realSize returns as many properties as environments have, with rules of 20 KB.
func realSize() []agent.Property {
	var out []agent.Property
	for i := range 400 {
		out = append(out, agent.Property{Section: "general", Key: fmt.Sprintf("switch%03dInjection", i), Value: "on"})
	}
	rules := strings.Repeat(`-35::EXCLUDE:EQUALS,NODEJS_SCRIPT_NAME,bin/pm2;`, 20<<10/47)
	return append(out,
		agent.Property{Section: "general", Key: "injectionRules", Value: rules},
		agent.Property{Section: "general", Key: "ExecutableFilter", Value: `"cupsd","sshd","docker-proxy"`},
		agent.Property{Section: "agentType", Key: "dotnet", Value: "not-global"},
		agent.Property{Section: "agentType", Key: "java", Value: "off"},
	)
}

// TestFilter_MergesARealConfiguration but for the settings that are odd: one
// control character kept all of it from the agent.
func TestFilter_MergesARealConfiguration(t *testing.T) {
	good, value := realSize(), rand.Text()
	odd := []agent.Property{
		{Section: "general", Key: "description", Value: value + "\r\n"},
		{Section: "general", Key: "a b", Value: value},
		{Section: "general\x00", Key: "x", Value: value},
	}
	kept, leftOut, err := Filter(append(good, odd...), scan.New(nil))
	require.NoError(t, err)
	require.ElementsMatch(t, good, kept)
	require.Equal(t, "left out, since the name is not one that the agent's file can hold: \"general/a b\", \"general\ufffd/x\"; "+
		`left out, since the value has a control character: "general/description"`, DescribeOmissions(leftOut))

	merged, err := Merge([]byte(own), kept)
	require.NoError(t, err)
	require.NotContains(t, string(merged), value)
	got := settings(t, merged)
	for _, p := range good {
		require.Equal(t, p.Value, got[[2]string{p.Section, p.Key}])
	}
	require.Equal(t, "/last	one", got[[2]string{"general", "storage"}], "the agent's own")
}

func TestSetHostGroup(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  "[general]\nhostGroup my-group\n",
		"# x\n[agentType]\njava on":         "# x\n[agentType]\njava on\n[general]\nhostGroup my-group\n",
		"[general]":                         "[general]\nhostGroup my-group\n",
		"# x\n [general] \r\na b\n[x]\ny z": "# x\n [general] \r\nhostGroup my-group\na b\n[x]\ny z",
		"\ufeff[general]\na b\n[general]\n": "\ufeff[general]\nhostGroup my-group\na b\n[general]\n",
	} {
		got, err := SetHostGroup([]byte(text), "my-group")
		require.NoError(t, err)
		require.Equal(t, want, string(got))
		require.Equal(t, "my-group", allSettings(t, got)[[2]string{"general", "hostGroup"}])
	}
	for _, group := range []string{"", "x\n[agentType]", "x\x00"} {
		_, err := SetHostGroup(nil, group)
		require.ErrorContains(t, err, "invalid host-group")
	}
}

// allSettings are all settings of a text, links too.
func allSettings(t *testing.T, text []byte) map[[2]string]string {
	t.Helper()
	f, err := parse(text)
	require.NoError(t, err)
	out := map[[2]string]string{}
	for name, s := range f.sections {
		for key, v := range s.settings {
			out[[2]string{name, key}] = v.value
		}
	}
	return out
}
