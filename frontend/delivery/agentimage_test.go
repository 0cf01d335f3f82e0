package delivery

import (
	"testing"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// Whatever labels say, an image is merged as it is only if its one layer is the
// one they name.
func TestInAgentImage(t *testing.T) {
	amd64 := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	image := func(change func(*dockerspec.DockerOCIImage)) *dockerspec.DockerOCIImage {
		img := &dockerspec.DockerOCIImage{}
		img.Architecture = "amd64"
		img.RootFS.DiffIDs = []digest.Digest{"sha256:a"}
		img.Config.Labels = map[string]string{
			agent.LabelMode: "agent", agent.LabelVersion: "1.305.152.20241113-104505", agent.LabelFlavor: "musl",
			agent.LabelTechnologies: "java,nginx", agent.LabelLayer: "sha256:a",
			agent.LabelPreload: "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so",
		}
		change(img)
		return img
	}
	label := func(name, value string) func(*dockerspec.DockerOCIImage) {
		return func(img *dockerspec.DockerOCIImage) { img.Config.Labels[name] = value }
	}
	in, ok := inAgentImage(image(func(*dockerspec.DockerOCIImage) {}), amd64)
	require.True(t, ok)
	require.Equal(t, []string{"java", "nginx"}, in.Technologies)
	require.Equal(t, agent.FlavorMusl, in.Flavor)
	require.Empty(t, in.Config)
	in, _ = inAgentImage(image(label(agent.LabelConfig, "merge")), amd64)
	require.Equal(t, agent.ConfigMerge, in.Config)
	for name, change := range map[string]func(*dockerspec.DockerOCIImage){
		"another mode":     label(agent.LabelMode, "build"),
		"another layer":    label(agent.LabelLayer, "sha256:b"),
		"no version":       label(agent.LabelVersion, "latest\nx"),
		"odd technology":   label(agent.LabelTechnologies, "java,\x1b[2J"),
		"library":          label(agent.LabelPreload, "/tmp/x.so"),
		"library that is":  label(agent.LabelPreload, "/opt/dynatrace/oneagent/../../x.so"),
		"two libraries":    label(agent.LabelPreload, "/opt/dynatrace/oneagent/a.so:/tmp/x.so"),
		"another platform": func(img *dockerspec.DockerOCIImage) { img.Architecture = "arm64" },
		"a layer more": func(img *dockerspec.DockerOCIImage) {
			img.RootFS.DiffIDs = append(img.RootFS.DiffIDs, "sha256:b")
		},
	} {
		_, ok := inAgentImage(image(change), amd64)
		require.False(t, ok, name)
	}
	_, ok = inAgentImage(nil, amd64)
	require.False(t, ok)
}
