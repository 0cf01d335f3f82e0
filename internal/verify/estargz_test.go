package verify_test

import (
	"strings"
	"testing"

	"github.com/containerd/stargz-snapshotter/estargz"
	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

const label = "com.dynatrace.oneagent.layer"

// library returns the index's entry of the agent's library, or nil in another
// layer.
func library(i *leaky.Index) *estargz.TOCEntry {
	for _, e := range i.Entries {
		if strings.HasSuffix(e.Name, "/liboneagentproc.so") {
			return e
		}
	}
	return nil
}

// A builder that writes layers in the form of eStargz changes their diff IDs.
// The agent layer is known all the same, and only if engines see what it holds.
func TestTheAgentLayerAsEStargz(t *testing.T) {
	want := agentLayer(t)
	startFiles, entrypoint := start()
	evil := leaky.Agent()
	for n, f := range evil {
		if strings.HasSuffix(f.Name, "/liboneagentproc.so") {
			evil[n].Content = strings.Replace(f.Content, "not", "bad", 1)
		}
	}
	for name, tt := range map[string]struct {
		agent  []leaky.File
		change func(*leaky.Index)
		wrong  string
	}{
		"as it is":            {leaky.Agent(), nil, ""},
		"another content":     {evil, nil, "its agent layer is sha256:"},
		"one file more":       {append(leaky.Agent(), leaky.File{Name: oneagent + "more"}), nil, "its agent layer is sha256:"},
		"a file of the app's": {append(leaky.Agent(), leaky.File{Name: "etc/passwd"}), nil, "its agent layer is sha256:"},
		"the index shows another library": {leaky.Agent(), func(i *leaky.Index) {
			if e := library(i); e != nil {
				e.Digest = digest.FromString("evil").String()
				e.ChunkDigest = e.Digest
			}
		}, "its agent layer is sha256:"},
		"the index shows one file more": {leaky.Agent(), func(i *leaky.Index) {
			i.Entries = append(i.Entries, &estargz.TOCEntry{Name: oneagent + "more", Type: "symlink", LinkName: "/evil"})
		}, "its agent layer is sha256:"},
		"the manifest names another index": {leaky.Agent(), func(i *leaky.Index) { i.Named = digest.FromString("evil") }, "names another index"},
		"the manifest names none":          {leaky.Agent(), func(i *leaky.Index) { i.Named = leaky.NoIndex }, "names another index"},
		"the manifest names the old index": {leaky.Agent(), func(i *leaky.Index) {
			if e := library(i); e != nil {
				e.Mode, i.Stale = 0o4755, true
			}
		}, "its agent layer is sha256:"},
	} {
		t.Run(name, func(t *testing.T) {
			img := leaky.New("x", entrypoint, tt.agent, startFiles).Label(label, want.String()).EStargz(tt.change)
			r := audit(t, img, verify.Options{AgentLayers: []digest.Digest{want}})
			p := r.Platforms[0]
			require.True(t, p.Instrumented)
			require.NotEqual(t, want, p.AgentLayer.DiffID, "control: it has a diff ID of its own")
			if tt.wrong != "" {
				require.Contains(t, p.Wrong, tt.wrong)
				require.Equal(t, verify.OtherAgent, r.Verdict)
				require.Contains(t, strings.Join(p.Notes, "\n"), "the label says that the agent layer is "+want.String()+", which it is not")
				return
			}
			require.Empty(t, p.Wrong)
			require.Equal(t, verify.Clean, r.Verdict)
			require.Equal(t, want, p.AgentLayer.Content)
			require.Equal(t, []string{"the agent layer is in the form of eStargz, which has a diff ID of its own: its content is that of the layer " + want.String()}, p.Notes)
			require.Empty(t, audit(t, img, verify.Options{AgentLayers: []digest.Digest{p.AgentLayer.DiffID}}).Platforms[0].Wrong,
				"its own diff ID is as good")
		})
	}
}

// The label of an image counts for nothing in the gate.
func TestALabelThatIsWrongAboutEStargz(t *testing.T) {
	startFiles, entrypoint := start()
	other := digest.FromString("other")
	img := leaky.New("x", entrypoint, leaky.Agent(), startFiles).Label(label, other.String()).EStargz(nil)
	r := audit(t, img, verify.Options{AgentLayers: []digest.Digest{other}})
	require.Contains(t, r.Platforms[0].Wrong, "its agent layer is")
	require.Len(t, r.Platforms[0].Notes, 2)
}
