package verify_test

import (
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/agent/moduleconfig"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// audit looks at an image.
func audit(t *testing.T, img *leaky.Image, o verify.Options) *verify.Report {
	t.Helper()
	ref, err := img.Write(t.TempDir())
	require.NoError(t, err)
	opened, err := image.Open(t.Context(), ref, image.Options{Temp: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, opened.Close()) }()
	o.Temp = t.TempDir()
	r, err := verify.Audit(t.Context(), opened, o)
	require.NoError(t, err)
	return r
}

// start returns the files and the entrypoint of dt-frontend.
func start() ([]leaky.File, []string) { return leaky.Start() }

const oneagent = "opt/dynatrace/oneagent/"

func TestInstrumentedOrNot(t *testing.T) {
	startFiles, entrypoint := start()
	agent := leaky.Agent()
	const library = "/" + oneagent + "agent/lib64/liboneagentproc.so"
	preload := leaky.File{Name: "etc/ld.so.preload", Content: library + "\n"}
	wrapper := leaky.File{Name: oneagent + "dynatrace-agent64.sh", Content: "#!/bin/sh\n", Exec: true}
	tests := map[string]struct {
		img    *leaky.Image
		start  verify.Start
		reason string
	}{
		"ours":                        {leaky.New("x", entrypoint, agent, startFiles), verify.StartHelper, ""},
		"below a moved folder":        {leaky.New("x", entrypoint, []leaky.File{{Name: "opt", Target: "usr/opt"}}, moved(agent), moved(startFiles)), verify.StartHelper, ""},
		"a file of the loader":        {leaky.New("x", nil, agent, []leaky.File{preload}), verify.StartFile, ""},
		"the vendor's wrapper":        {leaky.New("x", []string{"/" + oneagent + "dynatrace-agent64.sh"}, agent, []leaky.File{wrapper}), verify.StartWrapper, ""},
		"nothing":                     {leaky.New("x", nil, []leaky.File{{Name: "app"}}), "", "there is no agent in it"},
		"nothing loads it":            {leaky.New("x", nil, agent), "", "there is an agent in it, but nothing loads it"},
		"entrypoint replaced":         {leaky.New("x", []string{"/app"}, agent, startFiles), "", "there is an agent in it, but nothing loads it"},
		"entrypoint replaced, no lib": {leaky.New("x", []string{"/app"}, startFiles), "", "dt-start is in it, but is not its entrypoint"},
		"the agent is missing":        {leaky.New("x", entrypoint, startFiles), verify.StartHelper, "dt-start is its entrypoint, but there is no agent in it"},
		"the helper is missing":       {leaky.New("x", entrypoint, agent), "", "there is an agent in it, but nothing loads it"},
		"the agent was deleted": {leaky.New("x", entrypoint, agent, startFiles, []leaky.File{{Name: "opt/dynatrace/.wh.oneagent"}}),
			verify.StartHelper, "dt-start is its entrypoint, but there is no agent in it"},
		"all was deleted": {leaky.New("x", entrypoint, agent, startFiles, []leaky.File{{Name: "opt/.wh..wh..opq"}}), "", "there is no agent in it"},
		"the agent's folder became a link": {leaky.New("x", entrypoint, agent, startFiles, []leaky.File{{Name: "opt/dynatrace/oneagent", Target: "/tmp"}}),
			verify.StartHelper, "dt-start is its entrypoint, but there is no agent in it"},
		"the loader names what is not there": {leaky.New("x", nil, []leaky.File{preload}), verify.StartFile, "/etc/ld.so.preload names an agent that is not in it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := audit(t, tt.img, verify.Options{})
			require.Empty(t, r.Leaks)
			require.Len(t, r.Platforms, 1)
			p := r.Platforms[0]
			require.Equal(t, tt.reason == "", p.Instrumented)
			require.Equal(t, tt.reason, p.Reason)
			require.Equal(t, tt.start, p.Start)
			want := verify.Clean
			if tt.reason != "" {
				want = verify.NotInstrumented
			}
			require.Equal(t, want, r.Verdict)
		})
	}
}

// moved returns files as they lie where /opt is a symlink to /usr/opt.
func moved(files []leaky.File) []leaky.File {
	var out []leaky.File
	for _, f := range files {
		f.Name = "usr/" + f.Name
		out = append(out, f)
	}
	return out
}

func TestTheAgentIsDescribedByWhatItIs(t *testing.T) {
	startFiles, entrypoint := start()
	p := audit(t, leaky.New("x", entrypoint, leaky.Agent(), startFiles), verify.Options{}).Platforms[0]
	require.Equal(t, verify.ByUs, p.By)
	require.Equal(t, "build", p.Mode)
	require.Equal(t, leaky.Version, p.Version)
	require.Equal(t, []string{"java"}, p.Technologies)
	require.Equal(t, 0, p.AgentLayer.Index)
	require.Empty(t, p.Notes)
}

func TestAnAgentImageIsNoInstrumentedOne(t *testing.T) {
	img := leaky.New("x", nil, leaky.Agent()).Label("com.dynatrace.oneagent.mode", "agent")
	r := audit(t, img, verify.Options{})
	p := r.Platforms[0]
	require.Equal(t, verify.NotInstrumented, r.Verdict)
	require.Equal(t, "it is an agent image, to build others from", p.Reason)
	require.Equal(t, verify.ByUs, p.By)
	require.Equal(t, leaky.Version, p.Version)
}

func TestALabelThatIsWrongIsNoted(t *testing.T) {
	startFiles, entrypoint := start()
	img := leaky.New("x", entrypoint, leaky.Agent(), startFiles)
	img.Label("com.dynatrace.oneagent.version", "1.2.3").Label("com.dynatrace.oneagent.layer", digest.FromString("x").String())
	p := audit(t, img, verify.Options{}).Platforms[0]
	require.Equal(t, leaky.Version, p.Version)
	require.Len(t, p.Notes, 2)
	require.Contains(t, p.Notes[0], "the label says version 1.2.3, and the agent is "+leaky.Version)
	require.Contains(t, p.Notes[1], "which it is not")
}

// A policy is told by the agent's own file; a label that says otherwise is noted.
func TestAMergedConfigurationIsTold(t *testing.T) {
	startFiles, entrypoint := start()
	merged, err := moduleconfig.Merge([]byte("[general]\na b\n"), nil)
	require.NoError(t, err)
	policy := []leaky.File{{Name: oneagent + moduleconfig.File, Content: string(merged)}}
	for _, tt := range []struct {
		files         []leaky.File
		label, config string
		note          string
	}{
		{policy, "merge", "merge", ""},
		{policy, "", "merge", "an environment's configuration is merged into the agent's, and no label says so"},
		{nil, "merge", "", "the label says config merge, and the agent's configuration does not"},
	} {
		img := leaky.New("x", entrypoint, leaky.Agent(), startFiles, tt.files)
		if tt.label != "" {
			img.Label("com.dynatrace.oneagent.config", tt.label)
		}
		p := audit(t, img, verify.Options{}).Platforms[0]
		require.Equal(t, tt.config, p.Config)
		require.Equal(t, tt.note, strings.Join(p.Notes, ""))
	}
}

// What is printed of an image may not be what is looked for, nor move a cursor.
func TestWhatIsReportedHoldsNoValue(t *testing.T) {
	startFiles, entrypoint := start()
	s := leaky.NewSecrets()
	img := leaky.New("x", entrypoint, leaky.Agent(), startFiles, []leaky.File{{Name: "a\x1b[2J/" + s.TenantToken + "/b", Content: s.APIToken}})
	img.Label("com.dynatrace.oneagent.mode", s.TenantToken).Label("x."+s.TenantToken, s.TenantToken)
	r := audit(t, img, verify.Options{Values: []scan.Value{{Kind: "tenant token", Value: s.TenantToken}}})
	require.Equal(t, "…", r.Platforms[0].Mode)
	places := map[string]bool{}
	for _, l := range r.Leaks {
		places[l.Path+l.Where] = true
	}
	require.Equal(t, map[string]bool{
		"config.Labels.com.dynatrace.oneagent.mode": true, "config.Labels.…": true,
		"a\ufffd[2J/…in its name": true, "a\ufffd[2J/…/b": true,
	}, places)
}

func TestAnArchiveThatCannotBeReadIsNoted(t *testing.T) {
	img := leaky.New("x", nil, []leaky.File{{Name: "app/broken.gz", Content: "\x1f\x8b\x08\x00 and no more of it"}})
	r := audit(t, img, verify.Options{})
	require.Len(t, r.Unseen, 1)
	require.Equal(t, "app/broken.gz", r.Unseen[0].Path)
	require.Equal(t, "it is damaged", r.Unseen[0].Reason)
}

func TestAReportHasAnEnd(t *testing.T) {
	s := leaky.NewSecrets()
	var files []leaky.File
	for range 1100 {
		files = append(files, leaky.File{Name: "tmp/" + leaky.NewSecrets().TenantToken, Content: s.APIToken})
	}
	r := audit(t, leaky.New("x", nil, files), verify.Options{})
	require.Len(t, r.Leaks, 1000)
	require.Equal(t, 100, r.Omitted)
}

// Layers that images share are read once, and named for all of them.
func TestASharedLayerIsReadOnce(t *testing.T) {
	r := audit(t, leaky.Good()[0], verify.Options{})
	require.Len(t, r.Platforms, 2)
	require.Equal(t, 5, r.Looked.Layers, "three that two images share, and a statement with its config")
}
