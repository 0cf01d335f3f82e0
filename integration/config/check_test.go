package config

import (
	"maps"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

// checked breaks two rules of BuildKit's, and four of ours.
const checked = `# syntax=SYNTAX
# check=CHECK
# dynatrace=mode=build;flavor=musl;include=php;app-secrets=warn
FROM busybox:1.37-musl
ARG DT_API_TOKEN
ENV DT_TENANT=x
RUN --mount=type=secret,id=DT_TENANT true
CMD echo
`

// broken are the lines of checked by the rule that they break.
var broken = map[string]int32{
	"SecretsUsedInArgOrEnv":     5,
	"JSONArgsRecommended":       8,
	"DynatraceSecretInArgOrEnv": 5,
	"DynatraceLinkInArgOrEnv":   6,
	"DynatraceSecretMount":      7,
	"DynatraceTechnology":       3,
}

// without returns broken without some rules.
func without(rules ...string) map[string]int32 {
	left := maps.Clone(broken)
	for _, r := range rules {
		delete(left, r)
	}
	return left
}

// ourRules is the check directive's list of our rules in checked.
const ourRules = "DynatraceSecretInArgOrEnv,DynatraceLinkInArgOrEnv,DynatraceSecretMount,DynatraceTechnology"

// Our rules are shown as BuildKit's own are, and can be skipped and be errors as
// they are.
func TestCallCheck_FindsWhatIsWrong(t *testing.T) {
	ours := strings.Split(ourRules, ",")
	for name, tt := range map[string]struct {
		check string
		args  []string
		want  map[string]int32
		fails bool // with an error, beside the warnings
	}{
		"all":                {check: "skip=none", want: broken},
		"one is skipped":     {check: "skip=DynatraceSecretMount", want: without("DynatraceSecretMount")},
		"ours are skipped":   {check: "skip=" + ourRules, want: without(ours...)},
		"all are skipped":    {check: "skip=all", want: map[string]int32{}},
		"errors":             {check: "error=true", want: broken, fails: true},
		"none that counts":   {check: "skip=all;error=true", want: map[string]int32{}},
		"ours are errors":    {check: "skip=SecretsUsedInArgOrEnv,JSONArgsRecommended;error=true", want: without("SecretsUsedInArgOrEnv", "JSONArgsRecommended"), fails: true},
		"by build arg":       {check: "skip=all", args: []string{"--build-arg=BUILDKIT_DOCKERFILE_CHECK=skip=DynatraceTechnology;error=true"}, want: without("DynatraceTechnology"), fails: true},
		"without the agent":  {check: "skip=none", args: buildx.Options("mode=off"), want: without(ours...)},
		"as others see them": {check: "skip=none", args: buildx.Options("include=java"), want: without("DynatraceTechnology")},
	} {
		t.Run(name, func(t *testing.T) {
			var found lint.LintResults
			r, code := buildx.Call(t, "check", strings.Replace(checked, "CHECK", tt.check, 1), &found, tt.args...)
			require.Equal(t, len(tt.want) > 0, code == 1, "findings have exit code 1: %d", code)
			got := map[string]int32{}
			for _, w := range found.Warnings {
				got[w.RuleName] = w.Location.Ranges[0].Start.Line
				require.NotEmpty(t, w.Description)
				require.Regexp(t, "^https://", w.URL)
				require.NotEmpty(t, w.Detail)
			}
			require.Equal(t, tt.want, got)
			require.Len(t, found.Warnings, len(tt.want), "each once")
			require.Equal(t, tt.fails, found.Error != nil)
			if tt.fails {
				require.Contains(t, found.Error.Message, "lint violation found for rules: ")
			}
			require.NotContains(t, r.Output, "ask the cluster")
		})
	}
}

// Options that cannot be read are a finding at their line, and no more than one.
func TestCallCheck_WrongOptions(t *testing.T) {
	for name, tt := range map[string]struct {
		dockerfile string
		line       int32
	}{
		"directive":   {"# syntax=SYNTAX\n# dynatrace=inclde=java\nFROM busybox:1.37-musl\n", 2},
		"syntax line": {"# syntax=SYNTAX inclde=java\nFROM busybox:1.37-musl\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			var found lint.LintResults
			_, code := buildx.Call(t, "check", tt.dockerfile, &found)
			require.Equal(t, 1, code)
			require.Len(t, found.Warnings, 1)
			require.Equal(t, "DynatraceOptions", found.Warnings[0].RuleName)
			require.Contains(t, found.Warnings[0].Detail, "did you mean include?")
			require.Equal(t, tt.line, found.Warnings[0].Location.Ranges[0].Start.Line)
		})
	}
}

// TestCallCheck_Stages checks a stage that gets no agent, and one that is
// unknown.
func TestCallCheck_Stages(t *testing.T) {
	dockerfile := strings.Replace(checked, "CHECK", "skip=SecretsUsedInArgOrEnv,JSONArgsRecommended", 1) + "FROM scratch AS last\nCOPY --from=0 /bin /\n"
	for options, want := range map[string][]string{
		"stages=0":    nil,
		"stages=last": strings.Split(ourRules, ","),
		"stages=lost": {"DynatraceOptions"},
	} {
		t.Run(options, func(t *testing.T) {
			var found lint.LintResults
			buildx.Call(t, "check", dockerfile, &found, buildx.Options(options)...)
			var got []string
			for _, w := range found.Warnings {
				got = append(got, w.RuleName)
			}
			require.ElementsMatch(t, want, got)
		})
	}
}

// People read the same as text, with the lines marked.
func TestCallCheck_AsText(t *testing.T) {
	r, err := buildx.Try(t, buildx.Request{
		Dockerfile: strings.Replace(checked, "CHECK", "error=true", 1), Args: []string{"--check"}, Output: "type=cacheonly",
	})
	require.Error(t, err)
	require.Contains(t, r.Output, "6 warnings have been found!")
	require.Contains(t, r.Output, "WARNING: DynatraceSecretMount - https://")
	require.Contains(t, r.Output, "   7 | >>> RUN --mount=type=secret,id=DT_TENANT true")
}

// A build tells what rules find and heeds the check directive, as for BuildKit's
// own. Tokens it takes in no case.
func TestCallCheck_BuildHeedsTheDirective(t *testing.T) {
	env := tenant.New(t)
	app := strings.Replace(checked, "ARG DT_API_TOKEN\n", "", 1)
	req := func(check string) buildx.Request {
		return buildx.Request{Dockerfile: strings.Replace(app, "CHECK", check, 1), Secrets: tenant.Secrets(env)}
	}
	t.Run("warnings", func(t *testing.T) {
		r := buildx.Build(t, req("skip=none"))
		for _, want := range []string{
			"DynatraceLinkInArgOrEnv: ENV DT_TENANT ties the image to one environment: set it when the container starts (line 5)",
			"DynatraceSecretMount: this step can read secret DT_TENANT, which is for the agent's own steps (line 6)",
			"DynatraceTechnology: for flavor musl the installer is documented with all, apache, java, nginx, nodejs only: the cluster may not have php (line 3)",
		} {
			require.Equal(t, 1, r.Warned(want), r.Output)
		}
	})
	t.Run("skipped", func(t *testing.T) {
		r := buildx.Build(t, req("skip="+ourRules))
		require.NotContains(t, r.Output, "DynatraceL")
		require.NotContains(t, r.Output, "DynatraceS")
		require.NotContains(t, r.Output, "DynatraceT")
		require.Contains(t, r.Output, "JSONArgsRecommended", "control")
	})
	t.Run("errors", func(t *testing.T) {
		r := buildx.Fails(t, req("error=true;skip=JSONArgsRecommended,DynatraceLinkInArgOrEnv"))
		require.Contains(t, buildx.LastError(t, r), "lint violation found for rules: DynatraceSecretMount")
		require.NotContains(t, r.Output, "ask the cluster")
		r = buildx.Fails(t, req("error=true;skip=JSONArgsRecommended,DynatraceLinkInArgOrEnv,DynatraceSecretMount"))
		require.Contains(t, buildx.LastError(t, r), "lint violation found for rules: DynatraceTechnology")
	})
	t.Run("tokens", func(t *testing.T) {
		r := buildx.Fails(t, buildx.Request{Dockerfile: strings.Replace(checked, "CHECK", "skip=all", 1), Secrets: tenant.Secrets(env)})
		require.Contains(t, buildx.LastError(t, r), "ARG DT_API_TOKEN puts a token into the builder's history")
	})
}
