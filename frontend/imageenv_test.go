package frontend

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// base is a base image's config, for whoever asks for an image.
type base struct {
	client.Client
	config dockerspec.DockerOCIImageConfig
}

func (b base) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	img := dockerspec.DockerOCIImage{Image: ocispecs.Image{Platform: linuxAMD64}, Config: b.config}
	dt, err := json.Marshal(img)
	return ref, digest.FromBytes(dt), dt, err
}

// configOf returns a base image's config.
func configOf(env []string, onBuild ...string) dockerspec.DockerOCIImageConfig {
	var c dockerspec.DockerOCIImageConfig
	c.Env, c.OnBuild = env, onBuild
	return c
}

var linuxAMD64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

// attempt is a build up to the point where something would run.
type attempt struct {
	*build
	app *app
	// warnings are what the client would see.
	warnings []string
}

// try converts a Dockerfile and checks its app. Enforced are keys that the
// frontend image does not let be changed.
func try(t *testing.T, dockerfile, options, enforced string, from dockerspec.DockerOCIImageConfig) (*attempt, error) {
	t.Helper()
	bc, err := dockerui.NewClient(optioned{opts: map[string]string{}})
	require.NoError(t, err)
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte(dockerfile))
	a := &attempt{}
	a.build = &build{
		Client: bc, gateway: base{config: from}, dockerfile: []byte(dockerfile),
		src: &dockerui.Source{SourceMap: source, Warn: func(_ context.Context, msg string, _ client.WarnOpts) { a.warnings = append(a.warnings, msg) }},
	}
	a.options, _, err = option.Merge([]option.Source{{Text: options}}, enforced)
	require.NoError(t, err)
	opt := dockerfile2llb.ConvertOpt{SourceMap: source, MetaResolver: base{config: from}, TargetPlatform: &linuxAMD64}
	opt.BuildPlatforms = []ocispecs.Platform{linuxAMD64}
	res, err := dockerfile2llb.Dockerfile2LLB(t.Context(), []byte(dockerfile), opt)
	require.NoError(t, err)
	a.app = &app{Result: res}
	if err := a.refuse(t.Context()); err != nil {
		return a, err
	}
	if err := a.checkSecrets(t.Context(), a.app, linuxAMD64); err != nil {
		return a, err
	}
	return a, a.checkApp(t.Context(), a.app)
}

// said returns the warnings of a build that have a word in them.
func (a *attempt) said(word string) []string {
	var out []string
	for _, w := range a.warnings {
		if strings.Contains(w, word) {
			out = append(out, w)
		}
	}
	return out
}

func requireFailure(t *testing.T, err error, line int, words ...string) {
	t.Helper()
	var f *failure
	require.ErrorAs(t, err, &f)
	require.Equal(t, line, f.line, f.message)
	for _, w := range words {
		require.Contains(t, f.message, w)
	}
}

// token has the form of the vendor's.
func token() string {
	return "dt0" + "c01." + rand.Text()[:24] + "." + (rand.Text() + rand.Text() + rand.Text())[:64]
}

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
			require.NotContains(t, strings.Join(a.warnings, ""), value)

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

// TestTheStartHelperKnowsTheImage: it finds digests of what the image sets.
func TestTheStartHelperKnowsTheImage(t *testing.T) {
	t.Parallel()
	p := testPayload()
	before := p.layers[len(p.layers)-1]
	require.NoError(t, p.noteImage([]string{"DT_API_URL=https://evil.invalid", "PATH=/bin", "DT_AGENTACTIVE=FALSE"}))
	require.Equal(t, []agent.ImageVariable{
		agent.NewImageVariable("DT_API_URL", "https://evil.invalid"), agent.NewImageVariable("DT_AGENTACTIVE", "FALSE"),
	}, p.settings.ImageEnv)
	require.NotEqual(t, defOf(t, before.state), defOf(t, p.layers[len(p.layers)-1].state))
	dt := fmt.Sprint(defOf(t, p.layers[len(p.layers)-1].state))
	require.Contains(t, dt, agent.NewImageVariable("DT_API_URL", "https://evil.invalid").SHA256)
	require.NotContains(t, dt, "evil.invalid")
	require.False(t, p.settings.TrustImage)

	p, err := runtimePayload(llb.Scratch(), option.Options{ImageTrust: option.TrustAllow}, nil, agent.ArchX86, linuxAMD64)
	require.NoError(t, err)
	require.NoError(t, p.noteImage(nil))
	require.True(t, p.settings.TrustImage)
	require.NotNil(t, p.settings.ImageEnv)
}

func defOf(t *testing.T, st llb.State) string {
	t.Helper()
	def, err := st.Marshal(t.Context())
	require.NoError(t, err)
	var b strings.Builder
	for _, dt := range def.Def {
		b.Write(dt)
	}
	return b.String()
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
	a.options.Enforced = []string{"mode"}
	requireFailure(t, a.checkPreloadList(t.Context(), list), 0, "mode is set by the frontend image")
	require.NoError(t, a.checkPreloadList(t.Context(), "# /y/liboneagentproc.so\n/a.so "+agent.Dir+"/agent/lib64/liboneagentproc.so\n"))
}

// TestAppSecrets: steps of the app that are given the agent's secrets, whatever
// the text of the Dockerfile calls them.
func TestAppSecrets(t *testing.T) {
	t.Parallel()
	none := configOf(nil)
	for name, tt := range map[string]struct {
		dockerfile string
		base       dockerspec.DockerOCIImageConfig
		line       int
	}{
		"plain":              {"FROM base:1\nRUN --mount=type=secret,id=DT_API_TOKEN true\n", none, 2},
		"the lint is off":    {"# check=skip=all\nFROM base:1\nRUN --mount=type=secret,id=DT_API_TOKEN true\n", none, 3},
		"a variable":         {"FROM base:1\nARG ID=DT_API_TOKEN\nRUN --mount=type=secret,id=$ID true\n", none, 3},
		"parts of one":       {"FROM base:1\nENV A=DT_API\nRUN --mount=type=secret,id=${A}_TOKEN,target=/x true\n", none, 3},
		"by its target":      {"FROM base:1\nARG ID=DT_API_TOKEN\nRUN --mount=type=secret,target=/x/$ID true\n", none, 3},
		"in the environment": {"FROM base:1\nARG ID=DT_API_TOKEN\nRUN --mount=type=secret,id=$ID,env=X true\n", none, 3},
		"another stage":      {"FROM base:1 AS a\nARG ID=DT_API_TOKEN\nRUN --mount=type=secret,id=$ID true\nFROM scratch\nCOPY --from=a /x /x\n", none, 3},
		"ONBUILD of a base":  {"FROM scratch AS x\nFROM base:1\n", configOf(nil, "RUN --mount=type=secret,id=DT_API_TOKEN true"), 2},
		"ONBUILD for others": {"FROM base:1\nRUN true\nONBUILD RUN --mount=type=secret,id=DT_API_TOKEN true\n", none, 3},
		"like one of ours":   {"FROM base:1\nRUN --mount=type=secret,id=DT_API_TOKEN [\"/bin/dt-install\",\"download\"]\n", none, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := try(t, tt.dockerfile, "", "", tt.base)
			requireFailure(t, err, tt.line, "this step can read secret DT_API_TOKEN", "app-secrets=warn")
			_, err = try(t, tt.dockerfile, "", "app-secrets", tt.base)
			requireFailure(t, err, tt.line, "app-secrets is set by the frontend image")
			_, err = try(t, tt.dockerfile, "mode=off", "app-secrets", tt.base)
			requireFailure(t, err, tt.line, "this step can read secret DT_API_TOKEN")
			a, err := try(t, tt.dockerfile, "app-secrets=warn", "", tt.base)
			require.NoError(t, err)
			if strings.Contains(tt.dockerfile, "check=skip") {
				require.Empty(t, a.warnings)
				return
			}
			require.Len(t, a.said("DynatraceSecretMount"), 1, "%q", a.warnings)
			require.Contains(t, a.said("DynatraceSecretMount")[0], fmt.Sprintf("(line %d)", tt.line))
		})
	}
	for _, dockerfile := range []string{
		"FROM base:1\nRUN --mount=type=secret,id=mine true\n",
		"FROM base:1 AS not-built\nRUN --mount=type=secret,id=DT_API_TOKEN true\nFROM base:1\n",
		"FROM base:1\nONBUILD RUN --mount=type=secret,id=mine true\n",
	} {
		_, err := try(t, dockerfile, "", "", none)
		require.NoError(t, err, dockerfile)
	}
	_, err := try(t, "FROM base:1\nRUN --mount=type=secret,id=DT_API_TOKEN true\n", "mode=off", "", none)
	require.NoError(t, err, "without the agent its secrets are not there")
}

// TestLintOfTheFinalConfig shows the same, each once.
func TestLintOfTheFinalConfig(t *testing.T) {
	t.Parallel()
	b, err := try(t, "FROM base:1\nENV DT_AGENTACTIVE=false\n", "", "", configOf([]string{"DT_API_TOKEN=x", "DT_TENANTTOKEN=y", "DT_API_URL=z"}))
	require.Error(t, err)
	b.dockerfile = []byte("FROM base:1\nENV DT_TENANTTOKEN=x\nENV DT_AGENTACTIVE=false\n")
	var got []string
	l := linter.New(&linter.Config{Warn: func(name, _, url, _ string, _ []parser.Range) {
		require.NotEmpty(t, url)
		got = append(got, name)
	}})
	b.lintFindings(l, b.findings(b.app.Image, false))
	require.ElementsMatch(t, []string{"DynatraceSecretInArgOrEnv", "DynatraceImageTrust", "DynatraceInactive"}, got)
}
