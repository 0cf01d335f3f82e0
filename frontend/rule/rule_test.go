package rule

import (
	"fmt"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
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
