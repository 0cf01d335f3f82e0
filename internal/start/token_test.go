package start

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// formed returns what has a token's form.
func formed() (token, secret string) {
	secret = (rand.Text() + rand.Text() + rand.Text())[:64]
	return "dt0" + "c01." + rand.Text()[:24] + "." + secret, secret
}

// TestLog_HidesTokens that people have put where no token belongs.
func TestLog_HidesTokens(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(f *fixture, token string){
		"the command":                 func(f *fixture, token string) { f.args = []string{"/bin/" + token} },
		"the command, without a path": func(f *fixture, token string) { f.args = []string{token} },
		"the name of a service":       named("name"),
		"the name of another service": func(f *fixture, token string) { named("name")(f, token); named("instance_name")(f, token) },
		"a file":                      func(f *fixture, token string) { f.set("LD_PRELOAD=/" + token + "/liboneagentproc.so") },
		"what the cluster says":       func(f *fixture, token string) { f.apiVariables().cluster.err = errors.New("no " + token) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, secret := formed()
			f := newFixture(t).set("DT_START_LOG=debug")
			change(f, token)
			p := f.make(t)
			_ = p.Exec(func(string, []string, []string) error { return nil }, &bytes.Buffer{})
			for _, format := range []string{"debug", "json"} {
				f.set("DT_START_LOG=" + format)
				text := said(f.make(t))
				require.NotEmpty(t, text)
				require.NotContains(t, text, secret[:10])
				require.Contains(t, text, "<API token>")
			}
			d := Diagnose(t.Context(), Input{Args: f.args, Env: f.env, Files: f.files, Cluster: f.cluster})
			var b bytes.Buffer
			require.NoError(t, d.WriteText(&b))
			require.NoError(t, d.WriteJSON(&b))
			require.NotContains(t, b.String(), secret[:10])
		})
	}
}

// named gives a service that cannot be used a name.
func named(key string) func(f *fixture, token string) {
	return func(f *fixture, token string) {
		dt, err := json.Marshal(map[string]any{"x": []map[string]string{{key: "dynatrace " + token}}})
		if err != nil {
			panic(err)
		}
		f.set("VCAP_SERVICES=" + string(dt))
	}
}

// TestLog_HidesTheValuesOfTokenVariables, whatever their form.
func TestLog_HidesTheValuesOfTokenVariables(t *testing.T) {
	t.Parallel()
	for _, name := range agent.TokenVariables {
		token := rand.Text()
		f := newFixture(t).set(name + "=" + token)
		f.args = []string{"/bin/" + token}
		require.NotContains(t, said(f.make(t)), token)
		require.Contains(t, said(f.make(t)), name)
	}
}

// TestAPITokens_AreNotTheApps by any of their names.
func TestAPITokens_AreNotTheApps(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables().set("DT_PAAS_TOKEN=paastoken")
	require.NotContains(t, strings.Join(f.make(t).Env, "\n"), "paastoken")
	require.Contains(t, f.set("DT_START_KEEP_TOKEN=true").make(t).Env, "DT_PAAS_TOKEN=paastoken")
}

const bound2 = `{ "user-provided":[{"name":"my-dynatrace","credentials":{"environmentid":"abc12345", "apitoken" : "TOKEN","apiurl":"https:\/\/dt.invalid"}},
 {"name":"db","credentials":{"uri":"x://u:p@h","note":"TOKEN \"and more\"","n":1.50,"l":[null,true,"TOKEN"]}}], "dynatrace":[] }`

// TestServices_WithoutTheToken: dt-start uses it, and the app does not see it.
func TestServices_WithoutTheToken(t *testing.T) {
	t.Parallel()
	token := rand.Text()
	services := strings.ReplaceAll(bound2, "TOKEN", token)
	f := newFixture(t).set("VCAP_SERVICES=" + services)
	require.Contains(t, f.make(t).Env, "VCAP_SERVICES="+services, "unless it is asked for")

	p := f.set("DT_START_HIDE_SERVICES=true").make(t)
	require.True(t, p.Monitored, said(p))
	require.Equal(t, token, f.cluster.requests[1].Credentials.Token())
	require.Contains(t, p.Env, "VCAP_SERVICES="+strings.ReplaceAll(bound2, "TOKEN", ""), "every other byte stays")

	f.cluster.err = errors.New("no")
	require.NotContains(t, strings.Join(f.make(t).Env, "\n"), token, "nor if the app is not monitored")
	require.NotContains(t, strings.Join(f.set("DT_AGENTACTIVE=false").make(t).Env, "\n"), token)

	p = newFixture(t).set("VCAP_SERVICES={"+token, "DT_START_HIDE_SERVICES=true").make(t)
	require.NotContains(t, strings.Join(p.Env, "\n"), token, "what cannot be read may hold it")
	require.Contains(t, said(p), "VCAP_SERVICES is taken from the app: no JSON")
}
