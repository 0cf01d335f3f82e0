package config

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// TestValues_ChangedOnTheirWay gives secrets as files and env files have them.
// The build's error is the one sentence about it, and no one is asked with such
// a value: their answer would be a bare 401.
func TestValues_ChangedOnTheirWay(t *testing.T) {
	env := tenant.New(t)
	good := front.Certificate(t, nil)
	word := rand.Text()
	for name, tt := range map[string]struct{ id, value, want string }{
		"quotes":    {"DT_API_TOKEN", `"dt0c01.` + word + `"`, "invalid DT_API_TOKEN: it is in quotes, which are part of the value (docker run --env-file and files keep them); remove the quotes"},
		"its name":  {"DT_API_TOKEN", "DT_API_TOKEN=dt0c01." + word, "invalid DT_API_TOKEN: it begins with the name of a variable and an equals sign; give only the value"},
		"UTF-16":    {"DT_TENANT", "\xff\xfe" + strings.Join(strings.Split(word, ""), "\x00") + "\x00", "invalid DT_TENANT: it is in UTF-16, as PowerShell writes files; save it in UTF-8"},
		"two lines": {"DT_TENANT", word + "\n" + word, "invalid DT_TENANT: it has 2 lines; give the value alone, in one line"},
		"a damaged certificate": {
			"DT_CA_CERT", good[:len(good)/2] + "\n" + good,
			"invalid DT_CA_CERT: block 1 of 2 (line 1) is damaged: it has no END line of its own; copy the certificate again",
		},
	} {
		t.Run(name, func(t *testing.T) {
			secrets := tenant.Secrets(env)
			secrets[tt.id] = tt.value
			asked := env.Requests()
			r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
			require.Contains(t, buildx.LastError(t, r), "dynatrace: "+tt.want)
			require.Contains(t, r.Output, ">>> # syntax=", "the line that asks for the agent is marked")
			require.NotContains(t, r.Output, word)
			require.Len(t, env.Requests(), len(asked), "the cluster is not asked")
		})
	}
}
