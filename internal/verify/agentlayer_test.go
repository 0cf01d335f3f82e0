package verify_test

import (
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

// agentLayer returns the diff ID of the layer that [leaky.Agent] makes.
func agentLayer(t *testing.T) digest.Digest {
	t.Helper()
	r := audit(t, leaky.New("x", nil, leaky.Agent()), verify.Options{})
	return r.Platforms[0].AgentLayer.DiffID
}

// The gate: whatever is done to the agent in an image, it does not pass.
func TestTheAgentIsExactlyOneLayer(t *testing.T) {
	want := agentLayer(t)
	startFiles, entrypoint := start()
	one := func(files ...leaky.File) []leaky.File { return files }
	const library = oneagent + "agent/lib64/liboneagentproc.so"
	alias := one(leaky.File{Name: "srv/x", Target: "../opt/dynatrace/oneagent"})
	tests := map[string]struct {
		layers [][]leaky.File
		wrong  string
	}{
		"as it is":          {[][]leaky.File{leaky.Agent(), startFiles}, ""},
		"app below, beside": {[][]leaky.File{one(leaky.File{Name: "opt/app"}), leaky.Agent(), startFiles, one(leaky.File{Name: "opt/more"})}, ""},
		"an old one below that was removed": {[][]leaky.File{one(leaky.File{Name: oneagent + "old"}), one(leaky.File{Name: "opt/.wh.dynatrace"}), leaky.Agent()},
			""},
		"none":         {[][]leaky.File{startFiles}, "there is no agent in it"},
		"another":      {[][]leaky.File{append(leaky.Agent(), leaky.File{Name: oneagent + "more"})}, "its agent layer is sha256:"},
		"file changed": {[][]leaky.File{leaky.Agent(), one(leaky.File{Name: library, Content: "evil"})}, "another layer than " + want.String()},
		"file added":   {[][]leaky.File{leaky.Agent(), one(leaky.File{Name: oneagent + "agent/more.so"})}, "another layer than " + want.String()},
		"file removed": {[][]leaky.File{leaky.Agent(), one(leaky.File{Name: oneagent + ".wh.dynatrace-env.sh"})}, "another layer removes"},
		"all removed":  {[][]leaky.File{leaky.Agent(), one(leaky.File{Name: "opt/.wh.dynatrace"})}, "another layer removes"},
		"folder emptied": {[][]leaky.File{leaky.Agent(), one(leaky.File{Name: oneagent + "agent/.wh..wh..opq"})},
			"another layer removes"},
		"folder became a link": {[][]leaky.File{leaky.Agent(), one(leaky.File{Name: "opt/dynatrace", Target: "/srv"})}, "another layer removes"},
		"inner folder became a link": {[][]leaky.File{leaky.Agent(), one(leaky.File{Name: oneagent + "agent", Target: "/srv"})},
			"another layer than " + want.String()},
		"an old one below": {[][]leaky.File{one(leaky.File{Name: oneagent + "old"}), leaky.Agent()}, "another layer than " + want.String()},
		"changed behind a link": {[][]leaky.File{leaky.Agent(), alias, one(leaky.File{Name: "srv/x/agent/lib64/liboneagentproc.so", Content: "evil"})},
			"symlink"},
		"changed behind a link to a link": {[][]leaky.File{leaky.Agent(), alias, one(leaky.File{Name: "y", Target: "srv"}), one(leaky.File{Name: "y/x/more"})},
			"symlink"},
		"changed behind a loop":         {[][]leaky.File{leaky.Agent(), one(leaky.File{Name: "y", Target: "y"}, leaky.File{Name: "y/more"})}, "symlink"},
		"a link that nothing is behind": {[][]leaky.File{leaky.Agent(), alias}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			img := leaky.New("x", entrypoint, tt.layers...).Label("com.dynatrace.oneagent.layer", want.String())
			r := audit(t, img, verify.Options{AgentLayers: []digest.Digest{digest.FromString("another"), want}})
			p := r.Platforms[0]
			if tt.wrong == "" {
				require.Empty(t, p.Wrong)
				require.NotEqual(t, verify.OtherAgent, r.Verdict)
				return
			}
			require.Contains(t, p.Wrong, tt.wrong)
			require.Equal(t, verify.OtherAgent, r.Verdict)
		})
	}
}
