package build

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/moby/buildkit/client"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// steps returns the names of a build's steps that are the agent's, in the order
// in which they began.
func steps(r buildx.Result) []string {
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^#\d+ (\[dynatrace\] .*)$`).FindAllStringSubmatch(r.Output, -1) {
		if len(names) == 0 || names[len(names)-1] != m[1] {
			names = append(names, m[1])
		}
	}
	return names
}

// People can tell from the progress what is done, and how far a download is.
func TestProgress_ReadsWell(t *testing.T) {
	env := tenant.New(t, cluster.WithFiller(30_000_000))
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=include=nginx,java\nFROM debian:bookworm-slim\n",
		Secrets:    tenant.Secrets(env), Args: []string{"--provenance=false"},
	})
	which := "OneAgent " + cluster.DefaultTarget + " (default, x86, java,nginx)"
	require.Equal(t, []string{
		"[dynatrace] ask the cluster for its agent",
		"[dynatrace] download " + which,
		"[dynatrace] install " + which,
		"[dynatrace] pack the agent layer",
		"[dynatrace] pack the start layer",
		"[dynatrace] pack the settings layer",
		"[dynatrace] date the settings layer",
		"[dynatrace] merge the agent",
	}, steps(r))
	var percent []string
	for _, m := range regexp.MustCompile(`downloaded (\d+)% of 30 MB\n`).FindAllStringSubmatch(r.Output, -1) {
		percent = append(percent, m[1])
	}
	require.Len(t, percent, 10, "a line each 10%%")
	require.Equal(t, "100", percent[9])
}

// warnings returns what a build warned of.
func warnings(t *testing.T, rawjson string) []client.VertexWarning {
	t.Helper()
	var out []client.VertexWarning
	for dec := json.NewDecoder(strings.NewReader(rawjson)); dec.More(); {
		var s client.SolveStatus
		require.NoError(t, dec.Decode(&s))
		for _, w := range s.Warnings {
			out = append(out, *w)
		}
	}
	return out
}

// However many platforms have it to say, a warning comes once, and marks a line.
func TestProgress_WarningsComeOnce(t *testing.T) {
	env := tenant.New(t)
	for platforms, said := range map[string]string{
		"linux/amd64":             "linux/amd64",
		"linux/amd64,linux/arm64": "linux/amd64 and linux/arm64",
	} {
		t.Run(strings.ReplaceAll(platforms, ",", " "), func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{
				Dockerfile: "# syntax=SYNTAX\n# dynatrace=include=auto\nFROM scratch\nCOPY Dockerfile /\nENV DT_TENANT=x\nCMD echo\n",
				Secrets:    tenant.Secrets(env),
				Args:       []string{"--platform=" + platforms, "--progress=rawjson"},
			})
			lines := map[string]int32{}
			for _, w := range warnings(t, r.Output) {
				short := string(w.Short)
				require.NotContains(t, lines, short, "once")
				require.Equal(t, "Dockerfile", w.SourceInfo.Filename)
				lines[short] = w.Range[0].Start.Line
			}
			require.Equal(t, map[string]int32{
				"DynatraceLinkInArgOrEnv: ENV DT_TENANT ties the image to one environment: set it when the container starts (line 5)":                                                                                                                        5,
				"JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 6)":                                                                                                                      6,
				"dynatrace: DT_API_URL is plain http: the API token travels unencrypted":                                                                                                                                                                     1,
				"dynatrace: no technology was found in the image for " + said + ": all are included":                                                                                                                                                         1,
				"dynatrace: the image for " + said + " has no loader of glibc or musl: its static programs cannot load OneAgent and are not monitored; only a program that comes later, together with glibc, is; mode=off builds the image without OneAgent": 1,
			}, lines)
		})
	}
}

// An outage is one, too, and the platforms that have no agent for it are named.
func TestProgress_OutageIsReportedOnce(t *testing.T) {
	env := tenant.New(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultUnauthorized})
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=on-error=skip;on-unsupported=skip\nFROM scratch\nCOPY Dockerfile /\n",
		Secrets:    tenant.Secrets(env),
		Args:       []string{"--platform=linux/amd64,linux/arm64,linux/riscv64,linux/arm/v7"},
	})
	require.Equal(t, 1, r.Warned("is built without OneAgent"), r.Output)
	require.Contains(t, r.Output, "dynatrace: the image for linux/amd64 and linux/arm64 is built without OneAgent (on-error=skip): ")
	require.Contains(t, r.Output, "dynatrace: there is no OneAgent for linux/arm/v7 and linux/riscv64: the image for it is built without")
}
