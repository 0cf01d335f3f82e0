package frontend

import (
	"testing"

	"github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestRuntimePayloadHoldsNoAgent(t *testing.T) {
	p, err := runtimePayload(llb.Scratch(), option.Options{Include: []string{"java"}}, nil, agent.ArchX86,
		ocispecs.Platform{OS: "linux", Architecture: "amd64"})
	require.NoError(t, err)
	require.Len(t, p.layers, 2, "helper and settings")
	require.Empty(t, p.agentLayer)
	require.Equal(t, map[string]string{agent.LabelMode: "runtime", agent.LabelTechnologies: "java"}, p.labels)
}
