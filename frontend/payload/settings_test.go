package payload

import (
	"fmt"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// TestTheStartHelperKnowsTheImage: it finds digests of what the image sets.
func TestTheStartHelperKnowsTheImage(t *testing.T) {
	t.Parallel()
	p, err := New(llb.Scratch(), llb.Scratch(), nil, example, option.Options{}, platform)
	require.NoError(t, err)
	before := p.Layers[len(p.Layers)-1]
	require.NoError(t, p.NoteImage([]string{"DT_API_URL=https://evil.invalid", "PATH=/bin", "DT_AGENTACTIVE=FALSE"}))
	require.Equal(t, []agent.ImageVariable{
		agent.NewImageVariable("DT_API_URL", "https://evil.invalid"), agent.NewImageVariable("DT_AGENTACTIVE", "FALSE"),
	}, p.settings.ImageEnv)
	require.NotEqual(t, defOf(t, before.State), defOf(t, p.Layers[len(p.Layers)-1].State))
	dt := fmt.Sprint(defOf(t, p.Layers[len(p.Layers)-1].State))
	require.Contains(t, dt, agent.NewImageVariable("DT_API_URL", "https://evil.invalid").SHA256)
	require.NotContains(t, dt, "evil.invalid")
	require.False(t, p.settings.TrustImage)

	p, err = Runtime(llb.Scratch(), option.Options{ImageTrust: option.TrustAllow}, nil, agent.ArchX86, platform)
	require.NoError(t, err)
	require.NoError(t, p.NoteImage(nil))
	require.True(t, p.settings.TrustImage)
	require.NotNil(t, p.settings.ImageEnv)
}

func defOf(t *testing.T, st llb.State) string {
	t.Helper()
	def, err := st.Marshal(t.Context())
	require.NoError(t, err)
	var b strings.Builder
	for _, dt := range def.Def {
		b.Write(dt)
	}
	return b.String()
}
