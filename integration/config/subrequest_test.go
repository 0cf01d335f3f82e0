package config

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/client/llb"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/frontend/subrequests"
	"github.com/moby/buildkit/frontend/subrequests/convertllb"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/frontend/subrequests/outline"
	"github.com/moby/buildkit/frontend/subrequests/targets"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/solver"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// asked has something for each question about a Dockerfile, and for our rules.
const asked = `# syntax=SYNTAX
# check=skip=JSONArgsRecommended
# dynatrace=include=java

# BASE is where it all begins
ARG BASE=busybox:1.37-musl
# first does nothing
FROM $BASE AS first
ARG WHO=you
RUN --mount=type=secret,id=mine,required true
RUN --mount=type=secret,id=DT_TENANT true
FROM first AS last
COPY greeting /
ARG DT_API_TOKEN
cmd echo $WHO
`

var outlineID = outline.SubrequestsOutlineDefinition.Name

// questions are all that BuildKit's own frontend answers.
var questions = []string{
	outlineID, targets.SubrequestsTargetsDefinition.Name, lint.RequestLint,
	convertllb.RequestConvertLLB, subrequests.RequestSubrequestsDescribe,
}

// answer is what came of a question, by the name of its form.
type answer map[string]string

// ask puts a question to a frontend.
func ask(ctx context.Context, c gateway.Client, req gateway.SolveRequest, id string) answer {
	req.FrontendOpt["requestid"] = id
	req.FrontendOpt["frontend.caps"] = "moby.buildkit.frontend.subrequests"
	res, err := c.Solve(ctx, req)
	if err != nil {
		return answer{"error": err.Error()}
	}
	out := answer{}
	for name, dt := range res.Metadata {
		out[name] = string(dt)
	}
	return out
}

// answers puts all questions to BuildKit's own frontend and to ours, with
// options and without any secret.
func answers(t *testing.T, dockerfile, options string) (theirs, ours map[string]answer) {
	t.Helper()
	inputs := map[string]*pb.Definition{}
	for name, st := range map[string]llb.State{
		"dockerfile": solver.TextFile("Dockerfile", buildx.Named(t, dockerfile)),
		"context":    solver.TextFile("greeting", "hello"),
	} {
		def, err := st.Marshal(t.Context())
		require.NoError(t, err)
		inputs[name] = def.ToPB()
	}
	theirs, ours = map[string]answer{}, map[string]answer{}
	_, err := solver.Connect(t).Build(t.Context(), client.SolveOpt{}, "", func(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
		for _, id := range questions {
			theirs[id] = ask(ctx, c, gateway.SolveRequest{
				// With a command line it takes itself for the one that was asked for.
				Frontend: "dockerfile.v0", FrontendOpt: map[string]string{"cmdline": "x"}, FrontendInputs: inputs,
			}, id)
			ours[id] = ask(ctx, c, gateway.SolveRequest{
				Frontend:       "gateway.v0",
				FrontendOpt:    map[string]string{"source": testenv.Frontend(t), "build-arg:DYNATRACE": options},
				FrontendInputs: inputs,
			}, id)
		}
		return gateway.NewResult(), nil
	}, nil)
	require.NoError(t, err)
	return theirs, ours
}

// Each question is answered as BuildKit's own frontend does, to the byte where
// the agent has no part in it. The outline has our options at its end.
func TestSubrequests_AnsweredAsByBuildKit(t *testing.T) {
	const head = "# syntax=SYNTAX\n# dynatrace=include=java\n"
	for name, dockerfile := range map[string]string{
		"an app":        "# syntax=SYNTAX\n# check=skip=JSONArgsRecommended\n# dynatrace=mode=off\n# It greets\nFROM busybox:1.37-musl AS app\nARG WHO=you\nRUN --mount=type=secret,id=mine,required true\ncmd echo $WHO\n",
		"error=true":    "# syntax=SYNTAX\n# check=error=true\n# dynatrace=mode=off\nFROM busybox:1.37-musl\nCMD echo\n",
		"no such stage": head + "FROM scratch\nCOPY --from=3 / /\n",
		"no such word":  head + "FLY away\n",
		"nothing":       head,
	} {
		t.Run(name, func(t *testing.T) {
			theirs, ours := answers(t, dockerfile, "mode=off")
			require.Len(t, theirs, len(questions))
			for id, want := range theirs {
				if id == outlineID && want["error"] == "" {
					require.Equal(t, parseOutline(t, want), withoutOptions(parseOutline(t, ours[id])))
					continue
				}
				require.Equal(t, want, ours[id], id)
			}
		})
	}
}

// What the agent adds stands beside the rest, with neither a secret nor a
// cluster there. The app's build graph and targets are the app's alone.
func TestSubrequests_AboutTheAgent(t *testing.T) {
	theirs, ours := answers(t, asked, "")
	for _, id := range []string{convertllb.RequestConvertLLB, targets.SubrequestsTargetsDefinition.Name, subrequests.RequestSubrequestsDescribe} {
		require.NotEmpty(t, theirs[id]["result.json"])
		require.Equal(t, theirs[id], ours[id], id)
	}

	want, got := parseOutline(t, theirs[outlineID]), withoutOptions(parseOutline(t, ours[outlineID]))
	require.Equal(t, want.Secrets, got.Secrets[:len(want.Secrets)])
	got.Secrets = want.Secrets
	require.Equal(t, want, got)

	var theirLint, ourLint lint.LintResults
	parse(t, theirs[lint.RequestLint]["result.json"], &theirLint)
	parse(t, ours[lint.RequestLint]["result.json"], &ourLint)
	require.Equal(t, theirLint.Sources, ourLint.Sources)
	require.Equal(t, theirLint.Warnings, ourLint.Warnings[:len(theirLint.Warnings)])
	require.Len(t, ourLint.Warnings, len(theirLint.Warnings)+2)
}

func parseOutline(t *testing.T, a answer) *outline.Outline {
	t.Helper()
	var o outline.Outline
	parse(t, a["result.json"], &o)
	return &o
}

// withoutOptions returns an outline as it was before ours were added.
func withoutOptions(o *outline.Outline) *outline.Outline {
	at := slices.IndexFunc(o.Args, func(a outline.Arg) bool { return strings.HasPrefix(a.Name, "DYNATRACE=") })
	if at >= 0 {
		o.Args = o.Args[:at:at]
	}
	if len(o.Args) == 0 {
		o.Args = nil
	}
	return o
}

func parse(t *testing.T, text string, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), v), "%s", text)
}

func TestCallTargets_AreTheApps(t *testing.T) {
	var list targets.List
	_, code := buildx.Call(t, "targets", asked, &list)
	require.Zero(t, code)
	require.Len(t, list.Targets, 2)
	require.Equal(t, "first", list.Targets[0].Name)
	require.Equal(t, "does nothing", list.Targets[0].Description)
	require.True(t, list.Targets[1].Default)
	require.EqualValues(t, 12, list.Targets[1].Location.Ranges[0].Start.Line)
}

func TestCallOutline_ArgsAndSecrets(t *testing.T) {
	ask := func(args ...string) (names []string, required map[string]bool) {
		var o outline.Outline
		r, code := buildx.Call(t, "outline", asked, &o, args...)
		require.Zero(t, code, r.Output)
		require.Equal(t, "last", o.Name)
		for _, a := range withoutOptions(&o).Args {
			names = append(names, a.Name)
		}
		required = map[string]bool{}
		for _, s := range o.Secrets {
			require.NotContains(t, required, s.Name, "once")
			required[s.Name] = s.Required
		}
		return names, required
	}
	args, secrets := ask()
	require.Equal(t, []string{"BASE", "WHO", "DT_API_TOKEN"}, args)
	require.Equal(t, map[string]bool{
		"mine": true, "DT_API_TOKEN": true, "DT_TENANT": false, "DT_API_URL": false, "DT_CA_CERT": false, "DT_PROXY": false, "DT_INSTALLER_CA": false, "DT_AGENT_CA": false,
	}, secrets)

	_, secrets = ask(buildx.Options("mode=runtime")...)
	require.Equal(t, map[string]bool{"mine": true, "DT_TENANT": false, "DT_AGENT_CA": false}, secrets, "to build it needs none of ours")
}
