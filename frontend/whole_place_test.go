package frontend_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// copiedTo returns what the last copy to a place was made of.
func (d *daemon) copiedTo(dest string) string {
	from := ""
	for _, def := range d.asked {
		for _, op := range decode(def) {
			for _, a := range op.GetFile().GetActions() {
				if c := a.GetCopy(); c.GetDest() == dest {
					from = c.Src
				}
			}
		}
	}
	return from
}

// A context is an image, what an installer left, or the agent's directory.
func TestBuild_FindsTheAgentOfAContextWhereItLies(t *testing.T) {
	t.Parallel()
	for manifest, dir := range map[string]string{
		"opt/dynatrace/oneagent/manifest.json": "/opt/dynatrace/oneagent",
		"dynatrace/oneagent/manifest.json":     "/dynatrace/oneagent",
		"oneagent/manifest.json":               "/oneagent",
		"manifest.json":                        "/",
	} {
		d := newDaemon(plain, "agent="+agentImage)
		d.base[manifest] = "{}"
		d.build(t)
		require.Equal(t, dir, d.copiedTo("/dynatrace/oneagent"))
	}
}
