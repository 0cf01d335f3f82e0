package report

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/stretchr/testify/require"
)

func TestTable_ShowsAllOfAReport(t *testing.T) {
	eights := strings.Repeat("8", 64)
	require.Equal(t, `a/b:1 sha256:`+strings.Repeat("0", 64)+`

PLATFORM          INSTRUMENTED   BY            MODE    VERSION   FLAVOR   TECHNOLOGIES   CONFIG   STARTED BY   LD_PRELOAD
linux/amd64 b:1   yes            dt-frontend   build   1.2.3     musl     java,nginx     merge    dt-start     /x.so
linux/arm64       no
                  no
linux/amd64: agent layer: sha256:`+eights+` (layer 10)
linux/arm64: not instrumented: no agent
linux/arm64: other agent layer: another
linux/arm64: diverts tokens: A decides
linux/arm64: diverts tokens: B decides
linux/arm64: odd
not instrumented: no platform

LEAK               FORM     PLATFORM                   PART                    PLACE
Environment's ID   base64   linux/amd64, linux/arm64   layer 10 111111111111   /opt/a!x/y (in its name)
API token          plain                               layer 10                (around its end)
API token          plain                               config 999999999999     config.Env[1]

looked at 1 document, 2 layers and 0 files of 1.8 MB
3 leaks found: revoke what leaked, then build the image again. Deleting it in a later layer does not remove it.
`, tableOf(t, whole(), false))
}

func TestTable_ColorsWhatMatters(t *testing.T) {
	colored := tableOf(t, whole(), true)
	for _, want := range []string{
		"\x1b[1ma/b:1\x1b[0m sha256", "\x1b[32myes\x1b[0m", "\x1b[33mno\x1b[0m", "\x1b[31mother agent layer: \x1b[0manother",
		"\x1b[31mdiverts tokens: \x1b[0mA", "\x1b[31mEnvironment's ID\x1b[0m", "\x1b[31m3 leaks found\x1b[0m: revoke",
	} {
		require.Contains(t, colored, want)
	}
	for verdict, want := range map[verify.Verdict]string{
		verify.Clean:           "\x1b[32minstrumented, no leak found\x1b[0m",
		verify.NotInstrumented: "\x1b[33mno leak found, but it is not instrumented\x1b[0m",
		verify.Diverting:       "\x1b[31mit decides where tokens go\x1b[0m that whoever starts a container of it gives: remove those variables",
		verify.OtherAgent:      "\x1b[31manother agent layer\x1b[0m than",
	} {
		require.Contains(t, tableOf(t, &verify.Report{Verdict: verdict}, true), want)
	}
}

func TestTable_NamesTenArchivesThatWereNotLookedInto(t *testing.T) {
	for n, more := range map[int]bool{1: false, 10: false, 11: true} {
		r := &verify.Report{}
		for i := range n {
			r.Unseen = append(r.Unseen, verify.Unseen{Layer: verify.LayerRef{Index: 8}, Path: fmt.Sprint("f", i), Reason: "it is damaged"})
		}
		out := tableOf(t, r, false)
		require.Contains(t, out, count(n, "archive")+" could not be looked into:\n  layer 8 /f0: it is damaged\n")
		require.Equal(t, min(n, 10), strings.Count(out, "it is damaged"))
		require.Equal(t, more, strings.Contains(out, "\n  …; --format json names all\n\nlooked at"), n)
	}
	require.NotContains(t, tableOf(t, &verify.Report{}, false), "could not")
}

func TestSARIF_SaysWhereAndWhat(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, SARIF(&b, whole(), "1.9.0"))
	require.True(t, strings.HasSuffix(b.String(), "}\n"))
	doc, err := sarif.FromBytes(b.Bytes())
	require.NoError(t, err)
	driver := doc.Runs[0].Tool.Driver
	require.Equal(t, "1.9.0", *driver.Version)
	require.Equal(t, "https://github.com/org/dt-frontend/blob/main/docs/dt-verify.md", *driver.InformationURI)
	require.Equal(t, []string{"Environment's ID", "Environment's ID in an image"}, []string{*driver.Rules[0].Name, *driver.Rules[0].ShortDescription.Text})
	var got []string
	seen := map[string]bool{}
	for _, r := range doc.Runs[0].Results {
		at := r.Locations[0]
		got = append(got, strings.Join([]string{
			*r.RuleID, r.Level, *r.Message.Text, *at.PhysicalLocation.ArtifactLocation.URI, *at.LogicalLocations[0].FullyQualifiedName,
		}, "|"))
		require.Equal(t, 1, *at.PhysicalLocation.Region.StartLine)
		require.Equal(t, "resource", *at.LogicalLocations[0].Kind)
		for version, f := range r.PartialFingerprints {
			require.Contains(t, []string{"dtVerifyLeak/v1", "dtVerifyPlatform/v1"}, version)
			require.Regexp(t, "^[0-9a-f]{64}$", f)
			require.False(t, seen[f], "another result has it")
			seen[f] = true
		}
	}
	require.Equal(t, []string{
		"leak/environments-id|error|Environment's ID (base64) in a/b:1, layer 10 111111111111: /opt/a!x/y (in its name) (linux/amd64, linux/arm64)|opt/a|a/b:1 layer 10 111111111111: /opt/a!x/y (in its name)",
		"leak/api-token|error|API token (plain) in a/b:1, layer 10: (around its end)|layer|a/b:1 layer 10: (around its end)",
		"leak/api-token|error|API token (plain) in a/b:1, config 999999999999: config.Env[1]|config|a/b:1 config 999999999999: config.Env[1]",
		"not-instrumented|warning|a/b:1 linux/arm64 is not instrumented: no agent|config|a/b:1 linux/arm64",
		"diverts-tokens|error|a/b:1 linux/arm64: A decides; B decides|config|a/b:1 linux/arm64",
		"other-agent-layer|error|a/b:1 linux/arm64: another|config|a/b:1 linux/arm64",
		"not-instrumented|warning|a/b:1 is not instrumented: no platform|config|a/b:1",
	}, got)
}

func TestReports_SayWhatTheyLack(t *testing.T) {
	r := &verify.Report{Verdict: verify.Leaking, Leaks: []verify.Leak{{Part: "index", Kind: "API token", Form: "plain"}}}
	require.NotContains(t, tableOf(t, r, false), "more\n")
	require.Contains(t, tableOf(t, r, false), "\n1 leak found:")
	r.Omitted = 1
	require.Contains(t, tableOf(t, r, false), "\n… and 1 more\n")
	require.Contains(t, tableOf(t, r, false), "\n2 leaks found:")
	var b bytes.Buffer
	require.NoError(t, SARIF(&b, r, "1"))
	require.Contains(t, b.String(), `"text": "API token (plain) in , index"`)
}

// What code scanning knows a leak by is made of each part of it, and stays.
func TestSARIF_KnowsALeakByWhatItIs(t *testing.T) {
	prints := map[string]bool{}
	base := verify.Leak{Part: "layer", Path: "a", Inside: "b", Where: "c", Kind: "d", Form: "e"}
	for _, change := range []func(l *verify.Leak){
		func(*verify.Leak) {}, func(l *verify.Leak) { l.Part = "config" }, func(l *verify.Leak) { l.Path = "x" }, func(l *verify.Leak) { l.Inside = "x" },
		func(l *verify.Leak) { l.Where = "x" }, func(l *verify.Leak) { l.Kind = "x" }, func(l *verify.Leak) { l.Form = "x" },
	} {
		l := base
		change(&l)
		var b bytes.Buffer
		require.NoError(t, SARIF(&b, &verify.Report{Leaks: []verify.Leak{l}}, "1"))
		doc, err := sarif.FromBytes(b.Bytes())
		require.NoError(t, err)
		prints[doc.Runs[0].Results[0].PartialFingerprints["dtVerifyLeak/v1"]] = true
	}
	require.Len(t, prints, 7)
	require.True(t, prints["9a399862d0730b32c8770346500567183e507e4f2289c1bb8fe90e8285bea62f"])
}

// full is a disk that has room for so many writes.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestReports_FailWithTheDisk(t *testing.T) {
	for name, write := range map[string]func(w *full) error{
		"table": func(w *full) error { return Table(w, whole(), false) },
		"JSON":  func(w *full) error { return JSON(w, whole()) },
		"SARIF": func(w *full) error { return SARIF(w, whole(), "1") },
	} {
		for left := range 2 {
			w := &full{left: left}
			err := write(w)
			if name == "JSON" && left == 1 {
				require.NoError(t, err, "it is one write")
				continue
			}
			require.ErrorIs(t, err, errFull, "%s %d", name, left)
			require.ErrorContains(t, err, "writing the report")
			require.Equal(t, -1, w.left, "nothing is written behind an error")
		}
	}
}

// whole is a report in which everything has a value.
func whole() *verify.Report {
	layer := &verify.LayerRef{Index: 10, Digest: digestOf("1"), DiffID: digestOf("8")}
	return &verify.Report{
		Image: "a/b:1", Digest: digestOf("0"), Verdict: verify.Leaking,
		Platforms: []verify.Platform{
			{
				Platform: "linux/amd64", Tag: "b:1", Instrumented: true, By: verify.ByUs, Mode: "build", Version: "1.2.3", Flavor: "musl",
				Technologies: []string{"java", "nginx"}, Config: "merge", Start: verify.StartHelper, Preload: "/x.so", AgentLayer: layer,
			},
			{Platform: "linux/arm64", Reason: "no agent", Wrong: "another", Notes: []string{"odd"}, Diverts: []string{"A decides", "B decides"}},
			{Reason: "no platform", AgentLayer: &verify.LayerRef{Index: 1}},
		},
		Leaks: []verify.Leak{
			{Platforms: []string{"linux/amd64", "linux/arm64"}, Part: verify.PartLayer, Digest: digestOf("1"), Layer: layer, Path: "opt/a", Inside: "x/y", Where: "in its name", Kind: "Environment's ID", Form: "base64"},
			{Part: verify.PartLayer, Layer: layer, Where: "around its end", Kind: "API token", Form: "plain"},
			{Part: verify.PartConfig, Digest: digestOf("9"), Path: "config.Env[1]", Kind: "API token", Form: "plain"},
		},
		Looked: verify.Looked{Documents: 1, Layers: 2, Files: 0, Bytes: 1_810_000},
	}
}

func digestOf(digit string) digest.Digest {
	return digest.Digest("sha256:" + strings.Repeat(digit, 64))
}

var errFull = errors.New("the disk is full")
