package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/stretchr/testify/require"
)

func example() *verify.Report {
	layer := &verify.LayerRef{Index: 2, Digest: digest.FromString("layer"), DiffID: digest.FromString("diff")}
	return &verify.Report{
		Image: "registry.example/app:1", Digest: digest.FromString("image"), Verdict: verify.Leaking,
		Platforms: []verify.Platform{
			{Platform: "linux/amd64", Instrumented: true, By: verify.ByUs, Mode: "build", Version: "1.2.3", Start: verify.StartHelper, AgentLayer: layer},
			{Platform: "linux/arm64", Reason: "there is no agent in it", Wrong: "there is no agent in it", Notes: []string{"odd"}, Diverts: []string{"SSL_CERT_FILE decides"}},
		},
		Leaks: []verify.Leak{
			{Platforms: []string{"linux/amd64", "linux/arm64"}, Part: verify.PartLayer, Digest: layer.Digest, Layer: layer, Path: "opt/a b/…", Inside: "x/y", Where: "in its name", Kind: "API token", Form: "plain"},
			{Part: verify.PartConfig, Digest: digest.FromString("config"), Path: "config.Env[1]: DT_TENANT", Kind: "environment id", Form: "plain"},
		},
		Omitted: 3,
		Unseen:  []verify.Unseen{{Layer: *layer, Path: "app/broken.zip", Reason: "it is damaged"}},
		Looked:  verify.Looked{Documents: 3, Layers: 1, Files: 20, Bytes: 12_345_678},
	}
}

func tableOf(t *testing.T, r *verify.Report, color bool) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Table(&b, r, color))
	return b.String()
}

func TestTable(t *testing.T) {
	out := tableOf(t, example(), false)
	for _, want := range []string{
		"registry.example/app:1 sha256:",
		"linux/amd64   yes            dt-frontend   build   1.2.3     dt-start\n",
		"linux/arm64   no\n",
		"linux/amd64: agent layer: " + digest.FromString("diff").String() + " (layer 2)\n",
		"linux/arm64: not instrumented: there is no agent in it\n",
		"linux/arm64: other agent layer: there is no agent in it\n",
		"linux/arm64: odd\n",
		"linux/arm64: diverts tokens: SSL_CERT_FILE decides\n",
		"/opt/a b/…!x/y (in its name)\n",
		"environment id   plain                              config ",
		"… and 3 more\n",
		"1 archive could not be looked into:\n  layer 2 /app/broken.zip: it is damaged\n",
		"looked at 3 documents, 1 layer and 20 files of 12.3 MB\n",
		"5 leaks found: revoke",
	} {
		require.Contains(t, out, want, "%s", out)
	}
	require.NotContains(t, out, "\x1b")
}

// What people give to --agent-layer is the same in every form of the layer.
func TestTheContentOfALayerIsShown(t *testing.T) {
	r := example()
	r.Platforms[0].AgentLayer.Content = digest.FromString("content")
	require.Contains(t, tableOf(t, r, false), "agent layer: "+digest.FromString("content").String()+" (layer 2)\n")
	var b bytes.Buffer
	require.NoError(t, JSON(&b, r))
	require.Contains(t, b.String(), `"content": "`+digest.FromString("content").String()+`"`)
	b.Reset()
	require.NoError(t, JSON(&b, example()))
	require.NotContains(t, b.String(), `"content"`)
}

func TestColorIsForTerminals(t *testing.T) {
	colored := tableOf(t, example(), true)
	require.Contains(t, colored, "\x1b[31mAPI token\x1b[0m")
	plain := strings.NewReplacer("\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x1b[1m", "", "\x1b[0m", "").Replace(colored)
	require.Equal(t, tableOf(t, example(), false), plain)
}

func TestConclusions(t *testing.T) {
	for verdict, want := range map[verify.Verdict]string{
		verify.Clean:           "instrumented, no leak found\n",
		verify.NotInstrumented: "no leak found, but it is not instrumented\n",
		verify.Diverting:       "remove those variables\n",
		verify.OtherAgent:      "another agent layer than the one that was asked for\n",
	} {
		require.True(t, strings.HasSuffix(tableOf(t, &verify.Report{Verdict: verdict}, false), want), "%s", verdict)
	}
}

func TestJSONIsTheReport(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, JSON(&b, example()))
	var got verify.Report
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	require.Equal(t, example(), &got)
}

func TestSARIFFollowsItsSchema(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, SARIF(&b, example(), "1.0"))
	doc, err := sarif.FromBytes(b.Bytes(), sarif.WithStrictValidation())
	require.NoError(t, err)
	require.NoError(t, doc.Validate())
	require.Equal(t, "2.1.0", doc.Version)
	run := doc.Runs[0]
	require.Equal(t, "dt-verify", *run.Tool.Driver.Name)
	results := map[string]string{}
	for _, r := range run.Results {
		results[*r.RuleID] = r.Level + " " + *r.Locations[0].PhysicalLocation.ArtifactLocation.URI
		require.NotEmpty(t, r.PartialFingerprints)
		require.Equal(t, *r.RuleID, *run.Tool.Driver.Rules[r.RuleIndex].ID)
	}
	require.Equal(t, map[string]string{
		"leak/api-token": "error opt/a%20b/%E2%80%A6", "leak/environment-id": "error config",
		"not-instrumented": "warning config", "other-agent-layer": "error config", "diverts-tokens": "error config",
	}, results)
}

func TestSARIFOfACleanImageHasNoResults(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, SARIF(&b, &verify.Report{Image: "x", Verdict: verify.Clean}, "1.0"))
	doc, err := sarif.FromBytes(b.Bytes())
	require.NoError(t, err)
	require.NoError(t, doc.Validate())
	require.Empty(t, doc.Runs[0].Results)
}
