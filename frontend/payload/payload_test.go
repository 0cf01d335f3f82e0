package payload

import (
	"testing"

	"github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// example is an installed agent.
var example = agent.Installed{
	Version:      "1.305.152.20241113-104505",
	Flavor:       agent.FlavorDefault,
	Arch:         agent.ArchX86,
	Technologies: []string{"java", "nginx"},
	DiffID:       "sha256:aaaa",
}

var platform = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

func TestRuntimePayloadHoldsNoAgent(t *testing.T) {
	p, err := Runtime(llb.Scratch(), option.Options{Include: []string{"java"}}, nil, agent.ArchX86, platform)
	require.NoError(t, err)
	require.Len(t, p.Layers, 2, "helper and settings")
	require.Empty(t, p.AgentLayer)
	require.Equal(t, map[string]string{agent.LabelMode: "runtime", agent.LabelTechnologies: "java"}, p.Labels)
}
