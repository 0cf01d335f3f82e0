package attest

import (
	"encoding/json"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/stretchr/testify/require"
)

// A statement names nothing that the image does not have.
func TestAgentPredicate(t *testing.T) {
	for name, tt := range map[string]struct {
		in   agent.Installed
		how  dtllb.Attachment
		want map[string]any
	}{
		"merged":              {agent.Installed{Installer: "0123", DiffID: "sha256:4567"}, dtllb.Attachment{Merge: true}, map[string]any{"installerSHA256": "0123", "agentLayer": "sha256:4567"}},
		"copied":              {agent.Installed{Installer: "0123", DiffID: "sha256:4567"}, dtllb.Attachment{}, map[string]any{"installerSHA256": "0123"}},
		"installed elsewhere": {agent.Installed{DiffID: "sha256:4567"}, dtllb.Attachment{Merge: true}, map[string]any{"agentLayer": "sha256:4567"}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.in.Version = "1.2.3.4-5"
			dt, err := json.Marshal(agentPredicate(tt.in, tt.how))
			require.NoError(t, err)
			var got map[string]any
			require.NoError(t, json.Unmarshal(dt, &got))
			require.Equal(t, "1.2.3.4-5", got["version"])
			for _, key := range []string{"installerSHA256", "agentLayer"} {
				want, named := tt.want[key]
				value, is := got[key]
				require.Equal(t, named, is, key)
				require.Equal(t, want, value, key)
			}
		})
	}
}
