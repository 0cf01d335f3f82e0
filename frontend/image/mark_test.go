package image

import (
	"testing"
	"time"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/stretchr/testify/require"
)

func TestMarkWithout_SaysThatAnImageHasNoAgent(t *testing.T) {
	for name, labels := range map[string]map[string]string{"no labels": nil, "labels": {"mine": "1"}} {
		img := &dockerspec.DockerOCIImage{}
		img.Config.Labels = labels
		MarkWithout(img)
		require.Equal(t, "off", img.Config.Labels["com.dynatrace.oneagent.mode"], name)
		require.Equal(t, labels["mine"], img.Config.Labels["mine"], name)
		require.NotContains(t, labels, agent.LabelMode, "the base image's config is cached")
	}
}

func TestMarkWithout_LeavesAnInstrumentedBase(t *testing.T) {
	img := &dockerspec.DockerOCIImage{}
	img.Config.Entrypoint = []string{agent.StartPath, "--", "/app"}
	img.Config.Labels = map[string]string{agent.LabelMode: "build"}
	MarkWithout(img)
	require.Equal(t, "build", img.Config.Labels[agent.LabelMode])
}

func TestIsInstrumented_LooksAtTheFirstWord(t *testing.T) {
	for want, entrypoints := range map[bool][][]string{
		true:  {{agent.StartPath}, {agent.StartPath, "--"}, {agent.StartPath, "-x"}},
		false: {nil, {"/app"}, {"/app", agent.StartPath}, {"--", "/app"}},
	} {
		for _, entrypoint := range entrypoints {
			img := &dockerspec.DockerOCIImage{}
			img.Config.Entrypoint = entrypoint
			require.Equal(t, want, IsInstrumented(img), entrypoint)
		}
	}
	require.Equal(t, []string{"-x"}, unwrap([]string{agent.StartPath, "-x"}), "the app's own option")
}

func TestInstrument_AddsToTheHistory(t *testing.T) {
	created := time.Unix(1700000000, 0)
	img := &dockerspec.DockerOCIImage{}
	img.History = []ocispecs.History{{CreatedBy: "base"}}
	require.NoError(t, Instrument(img, testPayload(), dtllb.Attachment{Merge: true}, &created))
	entry := func(by string, empty bool) ocispecs.History {
		return ocispecs.History{CreatedBy: by, Comment: "dt-frontend.v0", Created: &created, EmptyLayer: empty}
	}
	require.Equal(t, []ocispecs.History{
		{CreatedBy: "base"},
		entry("ONEAGENT 1.305.152.20241113-104505 (default, x86)", false),
		entry("START /opt/dynatrace/dt-start", false),
		entry("SETTINGS /opt/dynatrace/dt-start.json", false),
		entry(`ENTRYPOINT ["/opt/dynatrace/dt-start", "--", …]`, true),
	}, img.History)
}

func TestInstrument_LeavesAnAgentAloneWithoutAnEntrypoint(t *testing.T) {
	img := &dockerspec.DockerOCIImage{}
	require.NoError(t, Instrument(img, payload.AgentImage(testPayload()), dtllb.Attachment{Merge: true}, nil))
	require.Empty(t, img.Config.Entrypoint)
	require.NotContains(t, img.Config.Labels, agent.LabelEntrypoint)
	require.Equal(t, "agent", img.Config.Labels[agent.LabelMode])
	require.Len(t, img.History, 1)
}

func TestInstrument_SetsThePayloadsVariables(t *testing.T) {
	p := testPayload()
	p.Env = []payload.Variable{{Name: "LD_PRELOAD", Value: "/opt/new.so"}}
	img := &dockerspec.DockerOCIImage{}
	img.Config.Env = []string{"A=b", "LD_PRELOAD=/mine.so:" + agent.Dir + "/agent/lib64/old.so"}
	require.NoError(t, Instrument(img, p, dtllb.Attachment{Merge: true}, nil))
	require.Equal(t, []string{"A=b", "LD_PRELOAD=/mine.so:/opt/new.so"}, img.Config.Env)
}

func TestInstrument_NamesNoLayerWhereTheAgentHasNone(t *testing.T) {
	p := testPayload()
	p.AgentLayer = ""
	img := &dockerspec.DockerOCIImage{}
	require.NoError(t, Instrument(img, p, dtllb.Attachment{Merge: true}, nil))
	require.NotContains(t, img.Config.Labels, agent.LabelLayer)
}

func TestPadHistory_LeavesAHistoryThatLacksTheBases(t *testing.T) {
	base := &dockerspec.DockerOCIImage{}
	base.RootFS.DiffIDs = append(base.RootFS.DiffIDs, "sha256:aa", "sha256:bb")
	base.History = []ocispecs.History{{CreatedBy: "base"}}
	img := &dockerspec.DockerOCIImage{}
	PadHistory(img, base)
	require.Empty(t, img.History)
	img.History = base.History
	PadHistory(img, base)
	require.Equal(t, []ocispecs.History{{CreatedBy: "base"}, {CreatedBy: "layer of the base image", Comment: "dt-frontend.v0"}}, img.History)
}
