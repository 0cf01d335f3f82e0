package check

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// TestTokensInTheFinalConfig: what a base image brings, and what a variable
// names, is in no line of the Dockerfile's text.
func TestTokensInTheFinalConfig(t *testing.T) {
	t.Parallel()
	env := func(env ...string) dockerspec.DockerOCIImageConfig { return configOf(env) }
	secret := rand.Text()
	for _, name := range agent.TokenVariables {
		_, err := try(t, "FROM base:1 AS first\nFROM first\nRUN true\n", "", "", env("A=b", name+"="+secret))
		requireFailure(t, err, 1, "base image base:1: ENV "+name+" puts a token", "revoke the token")
		require.NotContains(t, err.Error(), secret)
		_, err = try(t, "# check=skip=all\nFROM base:1\nARG NAME="+name+"\nENV A=b $NAME="+secret+"\n", "", "", env())
		requireFailure(t, err, 4, "ENV "+name+" puts a token")
		require.NotContains(t, err.Error(), secret)
		_, err = try(t, "FROM base:1\nENV "+name+"="+secret+"\n", "", "", env())
		requireFailure(t, err, 2, "ENV "+name)
		_, err = try(t, "FROM base:1\n", "", "", env(name+"="))
		require.NoError(t, err, "no value is no token")
	}
	formed := token()
	_, err := try(t, "FROM base:1\nENV MINE=x-"+formed+"\n", "", "", env())
	requireFailure(t, err, 2, "ENV MINE holds an API token")
	require.NotContains(t, err.Error(), formed[40:])
	_, err = try(t, "FROM base:1\n", "", "", env("DT_PROXY=http://user:"+secret+"@proxy.invalid"))
	requireFailure(t, err, 1, "DT_PROXY may put a password", "change the proxy's password")
	require.NotContains(t, err.Error(), secret)
	// An agent image is one that others are built from.
	_, err = try(t, "FROM scratch\nARG NAME=DT_API_TOKEN\nENV $NAME="+secret+"\n", "flavor=musl", "", env())
	requireFailure(t, err, 3, "ENV DT_API_TOKEN")
}

// TestSteeringInTheFinalConfig: an image decides where a token goes that whoever
// starts a container of it gives.
func TestSteeringInTheFinalConfig(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"DT_API_URL": "https://evil.invalid", "DT_API_URL_FILE": "/evil", "DT_CONNECTION_POINT": "https://evil.invalid",
		"DT_CA_CERT": "/evil.pem", "SSL_CERT_FILE": "/evil.pem", "SSL_CERT_DIR": "/etc/ssl/certs:/evil",
		"DT_START_KEEP_TOKEN": "true", "DT_START_TRUST_IMAGE": "yes",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := configOf([]string{name + "=" + value})
			a, err := try(t, "FROM base:1\n", "", "", from)
			require.NoError(t, err)
			require.Len(t, a.said("DynatraceImageTrust"), 1)
			require.Contains(t, a.said("DynatraceImageTrust")[0], "base image base:1: ENV "+name)
			require.Contains(t, a.said("DynatraceImageTrust")[0], "(line 1)")
			require.NotContains(t, strings.Join(a.sent, ""), value)

			_, err = try(t, "FROM base:1\n", "image-trust=refuse", "image-trust", from)
			requireFailure(t, err, 1, "base image base:1: ENV "+name, "image-trust is set by the frontend image")
			_, err = try(t, "# check=skip=all\nFROM base:1\nENV "+name+"="+value+"\n", "image-trust=refuse", "", configOf(nil))
			requireFailure(t, err, 3, "ENV "+name, "or set image-trust=allow")
			_, err = try(t, "FROM base:1\nONBUILD ENV "+name+"="+value+"\n", "image-trust=refuse", "", configOf(nil))
			requireFailure(t, err, 2, "ONBUILD ENV "+name)
			_, err = try(t, "FROM base:1\n", "image-trust=refuse", "", configOf(nil, "ENV "+name+"="+value))
			requireFailure(t, err, 1, "base image base:1: ENV "+name)

			a, err = try(t, "FROM base:1\n", "image-trust=allow", "", from)
			require.NoError(t, err)
			require.Empty(t, a.said("DynatraceImageTrust"))
		})
	}
	harmless := configOf([]string{
		"HTTPS_PROXY=http://proxy.invalid", "NO_PROXY=x", "DT_PROXY=http://proxy.invalid", "DT_START_KEEP_TOKEN=false", "DT_API_URL=",
		"SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt", "SSL_CERT_DIR=/etc/ssl/certs", "DT_TENANT=x", "DT_API_TOKEN_FILE=/run/secrets/token",
	})
	_, err := try(t, "FROM base:1\n", "image-trust=refuse", "", harmless)
	require.NoError(t, err)
}

// TestInactive: the agent would be in the image, and in no process.
func TestInactive(t *testing.T) {
	t.Parallel()
	for env, what := range map[string]string{
		"DT_AGENTACTIVE=False":                     "ENV DT_AGENTACTIVE=false switches the agent off",
		"LD_PRELOAD=/a.so:/x/liboneagentproc.so":   "ENV LD_PRELOAD names another agent's library (/x/liboneagentproc.so)",
		"LD_PRELOAD=/x/$LIB/liboneagentproc.so /b": "ENV LD_PRELOAD names another agent's library",
	} {
		name, _, _ := strings.Cut(env, "=")
		from := configOf([]string{env})
		a, err := try(t, "FROM base:1\n", "", "", from)
		require.NoError(t, err)
		require.Len(t, a.said("DynatraceInactive"), 1)
		require.Contains(t, a.said("DynatraceInactive")[0], what)
		_, err = try(t, "FROM base:1\n", "mode=build", "mode", from)
		requireFailure(t, err, 1, "base image base:1: "+what, "mode is set by the frontend image", "remove "+name)
	}
	for _, env := range []string{"DT_AGENTACTIVE=true", "LD_PRELOAD=" + agent.Dir + "/agent/lib64/liboneagentproc.so:/a.so", "LD_PRELOAD=/liboneagentproc.so.1"} {
		a, err := try(t, "FROM base:1\n", "", "mode", configOf([]string{env}))
		require.NoError(t, err, env)
		require.Empty(t, a.said("DynatraceInactive"), env)
	}
	// The list that glibc's loader reads is a file of the built app.
	a, err := try(t, "FROM base:1\n", "", "", configOf(nil))
	require.NoError(t, err)
	const list = "# /y/liboneagentproc.so\n/x/liboneagentproc.so\n"
	require.NoError(t, a.checkPreloadList(t.Context(), list))
	require.Contains(t, a.said("DynatraceInactive")[0], "/etc/ld.so.preload names another agent's library (/x/liboneagentproc.so)")
	a.Options.Enforced = []string{"mode"}
	requireFailure(t, a.checkPreloadList(t.Context(), list), 0, "mode is set by the frontend image")
	require.NoError(t, a.checkPreloadList(t.Context(), "# /y/liboneagentproc.so\n/a.so "+agent.Dir+"/agent/lib64/liboneagentproc.so\n"))
}

// TestLintOfTheFinalConfig shows the same, each once.
func TestLintOfTheFinalConfig(t *testing.T) {
	t.Parallel()
	b, err := try(t, "FROM base:1\nENV DT_AGENTACTIVE=false\n", "", "", configOf([]string{"DT_API_TOKEN=x", "DT_TENANTTOKEN=y", "DT_API_URL=z"}))
	require.Error(t, err)
	b.Dockerfile = []byte("FROM base:1\nENV DT_TENANTTOKEN=x\nENV DT_AGENTACTIVE=false\n")
	var got []string
	l := linter.New(&linter.Config{Warn: func(name, _, url, _ string, _ []parser.Range) {
		require.NotEmpty(t, url)
		got = append(got, name)
	}})
	b.lintFindings(l, b.findings(b.app.Image, false))
	require.ElementsMatch(t, []string{"DynatraceSecretInArgOrEnv", "DynatraceImageTrust", "DynatraceInactive"}, got)
}
