package rule

import (
	"fmt"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

const dockerfile = `ARG DT_TENANT=abc
FROM scratch AS a
ARG DT_API_TOKEN
ENV OTHER=1 DT_TENANTTOKEN=x
RUN --mount=type=secret,id=DT_API_URL true
RUN --mount=type=secret,target=/run/secrets/DT_CA_CERT true
RUN --mount=type=secret,id=mine true
FROM scratch
ENV DT_CONNECTION_POINT=https://x.invalid
`

// check returns what rules say, by line.
func check(t *testing.T, config *linter.Config, text string, buildArgs map[string]string) []string {
	t.Helper()
	var out []string
	config.Warn = func(rule, _, url, msg string, location []parser.Range) {
		require.NotEmpty(t, url)
		line := 0
		if len(location) > 0 {
			line = location[0].Start.Line
		}
		out = append(out, fmt.Sprintf("%d %s: %s", line, rule, msg))
	}
	Check(linter.New(config), []byte(text), buildArgs)
	return out
}

// A comment of BuildKit's linter above an instruction is none of ours.
func TestCheckReadsPastCommentsAboveInstructions(t *testing.T) {
	require.Equal(t, []string{
		"3 DynatraceLinkInArgOrEnv: ENV DT_TENANT ties the image to one environment: set it when the container starts",
	}, check(t, &linter.Config{}, "FROM scratch\n# check=skip=LegacyKeyValueFormat\nENV DT_TENANT abc\n", nil))
}

func TestCheck(t *testing.T) {
	require.Equal(t, []string{
		"0 DynatraceSecretInArgOrEnv: --build-arg DT_API_TOKEN puts a token into the builder's history and the image's: pass it with --secret id=DT_API_TOKEN",
		"1 DynatraceLinkInArgOrEnv: ARG DT_TENANT ties the image to one environment: set it when the container starts",
		"3 DynatraceSecretInArgOrEnv: ARG DT_API_TOKEN puts a token into the builder's history and the image's: pass it with --secret id=DT_API_TOKEN",
		"4 DynatraceSecretInArgOrEnv: ENV DT_TENANTTOKEN puts a token into the builder's history and the image's: set it when the container starts",
		"9 DynatraceLinkInArgOrEnv: ENV DT_CONNECTION_POINT ties the image to one environment: set it when the container starts",
		"5 DynatraceSecretMount: this step can read secret DT_API_URL, which is for the agent's own steps",
		"6 DynatraceSecretMount: this step can read secret DT_CA_CERT, which is for the agent's own steps",
	}, check(t, &linter.Config{}, dockerfile, map[string]string{"DT_API_TOKEN": "x", "A": "b"}))
}

func TestRulesCanBeSkipped(t *testing.T) {
	require.Len(t, check(t, &linter.Config{SkipRules: []string{"DynatraceSecretInArgOrEnv", "DynatraceSecretMount"}}, dockerfile, nil), 2)
	require.Empty(t, check(t, &linter.Config{SkipAll: true}, dockerfile, nil))
}

func TestWhatBuildKitCannotParseIsItsOwnAffair(t *testing.T) {
	require.Empty(t, check(t, &linter.Config{}, "FLY\n", nil))
	require.Empty(t, check(t, &linter.Config{}, "", nil))
}

// What is left to those who build from the image is in its config, and run by
// their builds.
func TestTriggersAreChecked(t *testing.T) {
	require.Equal(t, []string{
		"2 DynatraceSecretInArgOrEnv: ENV DT_API_TOKEN puts a token into the builder's history and the image's: pass it with --secret id=DT_API_TOKEN",
		"3 DynatraceSecretInArgOrEnv: ARG DT_TENANTTOKEN puts a token into the builder's history and the image's: set it when the container starts",
		"5 DynatraceSecretMount: this step can read secret DT_API_URL, which is for the agent's own steps",
	}, check(t, &linter.Config{}, `FROM scratch
ONBUILD ENV DT_API_TOKEN=x
onbuild arg \
  DT_TENANTTOKEN
ONBUILD RUN --mount=type=secret,id=DT_API_URL true
ONBUILD RUN true
`, nil))
}

func TestATriggerHasTheLinesOfItsInstruction(t *testing.T) {
	uses := Uses([]byte("FROM scratch\nONBUILD \\\n  ENV DT_TENANT=x\n"), nil)
	require.Len(t, uses, 1)
	require.Equal(t, []int{2, 3}, []int{uses[0].Location[0].Start.Line, uses[0].Location[len(uses[0].Location)-1].End.Line})
}

// Every secret of the agent's is one that a Dockerfile should not set.
func TestEverySecretIsChecked(t *testing.T) {
	for id, token := range map[string]bool{
		"DT_API_URL": false, "DT_API_TOKEN": true, "DT_TENANT": false, "DT_CA_CERT": false, "DT_PROXY": true, "DT_AGENT_CA": false, "DT_INSTALLER_CA": false,
	} {
		require.Contains(t, agent.Secrets, id)
		for text, args := range map[string]map[string]string{
			"FROM scratch\n": {id: "x"}, "FROM scratch\nARG " + id: nil, "FROM scratch\nENV " + id + "=x": nil,
		} {
			uses := Uses([]byte(text), args)
			require.Len(t, uses, 1, "%s %s", id, text)
			require.Equal(t, id, uses[0].Name)
			require.Equal(t, token, uses[0].IsToken(), id)
		}
	}
	require.Len(t, agent.Secrets, 7, "all of them are above")
}

func TestAProxyMayHaveAPassword(t *testing.T) {
	require.Equal(t, []string{
		"2 DynatraceSecretInArgOrEnv: ENV DT_PROXY may put a password into the builder's history and the image's: pass it with --secret id=DT_PROXY",
	}, check(t, &linter.Config{}, "FROM scratch\nENV DT_PROXY=x\n", nil))
	require.Contains(t, Use{Name: "DT_PROXY"}.Remedy(), "password")
	require.Equal(t, "revoke the token", Use{Name: "DT_API_TOKEN"}.Remedy())
}

// As in BuildKit's dispatchSecret.
func TestSecretID(t *testing.T) {
	secret := instructions.MountTypeSecret
	for name, tt := range map[string]struct {
		mount instructions.Mount
		want  string
	}{
		"source first":           {instructions.Mount{Type: secret, Source: "a", CacheID: "b", Target: "/c"}, "a"},
		"then id":                {instructions.Mount{Type: secret, CacheID: "b", Target: "/c"}, "b"},
		"then target":            {instructions.Mount{Type: secret, Target: "/run/secrets/c"}, "c"},
		"target in the workdir":  {instructions.Mount{Type: secret, Target: "c"}, "c"},
		"target like a folder's": {instructions.Mount{Type: secret, Target: "/run/secrets/c/"}, "c"},
		"another kind of mount":  {instructions.Mount{Type: instructions.MountTypeCache, CacheID: "b"}, ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, secretID(&tt.mount)) })
	}
}
