package frontend_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/frontend/subrequests/outline"
	"github.com/moby/buildkit/frontend/subrequests/targets"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/org/dt-frontend/frontend"
	"github.com/stretchr/testify/require"
)

// ask asks a daemon about its Dockerfile.
func ask[T any](t *testing.T, d *daemon, request string) T {
	t.Helper()
	d.opts["requestid"] = request
	d.opts["frontend.caps"] = "moby.buildkit.frontend.subrequests"
	res, err := frontend.Build(t.Context(), d)
	require.NoError(t, err)
	var out T
	require.NoError(t, json.Unmarshal(res.Metadata["result.json"], &out))
	require.Empty(t, d.steps(), "a question needs no cluster")
	return out
}

func TestBuild_OutlinesWhatItTakes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string][]string{
		"build":   {"DT_API_URL", "DT_API_TOKEN!", "DT_TENANT!", "DT_CA_CERT", "DT_PROXY", "DT_AGENT_CA", "DT_INSTALLER_CA"},
		"runtime": {"DT_AGENT_CA"},
		"off":     nil,
	} {
		d := newDaemon("FROM example.invalid/app\nARG MINE=8\nRUN --mount=type=secret,id=mine true\n", "version="+installedVersion+";mode="+mode)
		out := ask[outline.Outline](t, d, outline.SubrequestsOutlineDefinition.Name)
		secrets := []string{"mine"}
		var got []string
		for _, s := range out.Secrets {
			name := s.Name
			if s.Required {
				name += "!"
			}
			got = append(got, name)
		}
		require.ElementsMatch(t, append(secrets, want...), got, mode)
		args := map[string]string{}
		for _, a := range out.Args {
			args[a.Name] = a.Value
			if strings.HasPrefix(a.Name, "DYNATRACE=") {
				require.NotEmpty(t, a.Description, a.Name)
			}
		}
		require.Equal(t, "8", args["MINE"])
		require.Equal(t, mode, args["DYNATRACE=mode"])
		require.Equal(t, installedVersion, args["DYNATRACE=version"])
		require.Equal(t, "auto", args["DYNATRACE=flavor"])
		require.Equal(t, []string{d.dockerfile}, []string{string(out.Sources[0])})
	}
}

// A secret that the app mounts, too, is one secret.
func TestBuild_OutlinesASecretOnce(t *testing.T) {
	t.Parallel()
	d := newDaemon("FROM example.invalid/app\nRUN --mount=type=secret,id=DT_API_TOKEN true\n", "")
	out := ask[outline.Outline](t, d, outline.SubrequestsOutlineDefinition.Name)
	n := 0
	for _, s := range out.Secrets {
		if s.Name == "DT_API_TOKEN" {
			n++
		}
	}
	require.Equal(t, 1, n)
	require.Len(t, out.Secrets, 7)
}

func TestBuild_ListsTargets(t *testing.T) {
	t.Parallel()
	d := newDaemon("# dynatrace=mode=runtime\nFROM example.invalid/a AS first\nFROM example.invalid/b AS last\n", "")
	out := ask[targets.List](t, d, targets.SubrequestsTargetsDefinition.Name)
	require.Len(t, out.Targets, 2)
	require.Equal(t, []string{"first", "last"}, []string{out.Targets[0].Name, out.Targets[1].Name})
	require.Equal(t, d.dockerfile, string(out.Sources[0]), "as its author knows it, with the directive")
}

// found returns the rules that a check of the Dockerfile warns by, with lines.
func found(t *testing.T, dockerfile, options string, more map[string]string) (rules []string, results lint.LintResults) {
	t.Helper()
	d := newDaemon(dockerfile, options)
	for name, value := range more {
		d.opts[name] = value
	}
	results = ask[lint.LintResults](t, d, lint.SubrequestLintDefinition.Name)
	for _, w := range results.Warnings {
		rules = append(rules, w.RuleName)
		require.NotEmpty(t, w.Description)
	}
	slices.Sort(rules)
	return rules, results
}

func TestBuild_ChecksTheDockerfile(t *testing.T) {
	t.Parallel()
	const bad = "FROM example.invalid/app\nENV DT_TENANT=a DT_AGENTACTIVE=false DT_API_URL=https://x.invalid\nRUN --mount=type=secret,id=DT_API_TOKEN true\nVOLUME /opt\n"
	all := []string{"DynatraceImageTrust", "DynatraceInactive", "DynatraceLinkInArgOrEnv", "DynatraceLinkInArgOrEnv", "DynatraceSecretMount", "DynatraceVolume"}
	rules, results := found(t, bad, "", nil)
	require.Equal(t, all, rules)
	require.Nil(t, results.Error)
	require.Equal(t, bad, string(results.Sources[0].Data))
	for _, w := range results.Warnings {
		require.NotEmpty(t, w.Location.Ranges, w.RuleName)
		require.NotEmpty(t, w.URL, w.RuleName)
	}

	for name, tt := range map[string]struct {
		dockerfile, options string
		want                []string
	}{
		"no agent":          {bad, "mode=off", nil},
		"another stage":     {"FROM example.invalid/app AS other\n" + strings.Replace(bad, "app", "app AS it", 1), "stages=other", nil},
		"skipped":           {"# check=skip=all\n" + bad, "", nil},
		"a wrong option":    {"FROM example.invalid/app\n", "mode=of", []string{"DynatraceOptions"}},
		"a stage that lack": {"FROM example.invalid/app\n", "stages=none", []string{"DynatraceOptions"}},
		"a good one":        {plain, "", nil},
	} {
		got, _ := found(t, tt.dockerfile, tt.options, nil)
		require.Equal(t, tt.want, got, name)
	}

	_, results = found(t, "# check=error=true\n"+bad, "", nil)
	require.NotNil(t, results.Error)
	require.Contains(t, results.Error.Message, "lint violation found")
}

// TestBuild_BlamesTheLine that is wrong: the directive, or the syntax line.
func TestBuild_BlamesTheLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		dockerfile string
		line       int32
		want       string
	}{
		"the directive":   {"# escape=\\\n# dynatrace=mode=of\nFROM example.invalid/app\n", 2, `the dynatrace directive: unknown value for mode "of"`},
		"two of them":     {"# dynatrace=mode=off\n# dynatrace=mode=off\nFROM example.invalid/app\n", 2, "only one dynatrace directive can be used"},
		"the syntax line": {"# escape=\\\n# syntax=example.invalid/dt mode=of\nFROM example.invalid/app\n", 2, `the syntax line: unknown value for mode "of"`},
		"a token":         {"# syntax=example.invalid/dt\nFROM example.invalid/app\nENV DT_API_TOKEN=x\n", 3, "ENV DT_API_TOKEN puts a token"},
		"BuildKit's own":  {"# syntax=example.invalid/dt\nFROM example.invalid/app\nFLY\n", 3, "unknown instruction: FLY"},
	} {
		d := newDaemon(tt.dockerfile, "")
		delete(d.opts, "build-arg:DYNATRACE")
		d.opts["source"] = "example.invalid/dt"
		err := d.fails(t)
		require.ErrorContains(t, err, tt.want, name)
		sources := errdefs.Sources(err)
		require.Len(t, sources, 1, name)
		require.Equal(t, tt.line, sources[0].Ranges[0].Start.Line, name)
		require.Equal(t, tt.dockerfile, string(sources[0].Info.Data), name)
	}
	d := newDaemon(plain, "mode=of")
	err := d.fails(t)
	require.ErrorContains(t, err, `--build-arg DYNATRACE: unknown value for mode "of"`)
	require.Empty(t, errdefs.Sources(err), "no line of the Dockerfile asks for this frontend")
}

// TestBuild_MergesWhatIsSet: the build arg wins over the directive, and that over
// the syntax line.
func TestBuild_MergesWhatIsSet(t *testing.T) {
	t.Parallel()
	const dockerfile = "# syntax=example.invalid/dt flavor=musl;network-zone=zone-0;host-group=a\n# dynatrace=network-zone=zone-1;host-group=b\n" + plain
	d := newDaemon(dockerfile, "host-group=c8")
	d.opts["source"] = "example.invalid/dt"
	require.Equal(t, "zone-1", d.build(t).settings(t).NetworkZone)
	install := strings.Join(d.steps()["install"], " ")
	require.Contains(t, install, " --flavor musl ")
	require.Contains(t, install, " --host-group c8")

	d = newDaemon("# a comment\n# dynatrace=mode=off\nFROM example.invalid/app\n", "")
	require.Equal(t, "build", d.build(t).labels()["mode"])
	require.Len(t, d.texts, 1)
	require.Contains(t, d.texts[0], "this dynatrace directive does not count")
	require.EqualValues(t, 2, d.warnings[0].Range[0].Start.Line)
}
