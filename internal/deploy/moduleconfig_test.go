package deploy

import (
	"net/http"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestProcessModuleConfig(t *testing.T) {
	t.Parallel()
	var asked string
	c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		answer(`{"properties":[{"section":"general","key":"a","value":"b c","new":{"x":1}},
			{"section":"agentType","key":"java","value":null}],"revision":18446744073709551615,"later":[]}`)(w, r)
	})
	got, err := c.client(t, Options{}).ProcessModuleConfig(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, &agent.ModuleConfig{
		Revision:   18446744073709551615,
		Properties: []agent.Property{{Section: "general", Key: "a", Value: "b c"}, {Section: "agentType", Key: "java"}},
	}, got)
	require.Regexp(t, `/v1/deployment/installer/agent/processmoduleconfig\?sections=general%2CagentType$`, asked)

	_, err = c.client(t, Options{}).ProcessModuleConfig(t.Context(), "my-group_1.x")
	require.NoError(t, err)
	require.Regexp(t, `/processmoduleconfig\?hostgroup=my-group_1.x&sections=general%2CagentType$`, asked)
}

func TestProcessModuleConfigThatIsOfNoUse(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"properties":[],"revision":1}`:                                    "without properties",
		`{"error":{}}`:                                                      "without properties",
		`{"properties":{"a":"b"},"revision":1}`:                             "no JSON of the expected form",
		`{"properties":[{"value":"SECRET`:                                   "no JSON of the expected form",
		`{"properties":[{"value":"` + strings.Repeat("x", maxJSON) + `"}]}`: "larger than",
		"<html>": "a web page",
		"":       "empty",
	} {
		c := newCluster(t, nil)
		c.Config.Handler = answer(strings.ReplaceAll(body, "SECRET", c.secret))
		_, err := c.client(t, Options{}).ProcessModuleConfig(t.Context(), "")
		require.ErrorContains(t, err, want)
		c.clean(t, err)
	}
}
