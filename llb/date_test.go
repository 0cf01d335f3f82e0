package llb

import (
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/stretchr/testify/require"
)

func TestTheTopLayerIsMadeWithTheApp(t *testing.T) {
	agentLayer, start := llb.Scratch().File(llb.Mkdir("/opt", 0o755)), SettingsLayer(StartFiles{})
	g := marshal(t, Attach(app, Attachment{Merge: true}, agentLayer, start))
	byDigest := map[string]*pb.Op{}
	var merge *pb.Op
	for i, op := range g.ops {
		byDigest[g.digests[i]] = op
		if op.GetMerge() != nil {
			merge = op
		}
	}
	require.NotNil(t, merge)
	require.Len(t, merge.Inputs, 3)
	appDigest := merge.Inputs[0].Digest

	require.Empty(t, byDigest[merge.Inputs[1].Digest].Inputs, "the agent is older, and shared by all")
	top := byDigest[merge.Inputs[2].Digest]
	actions := top.GetFile().Actions
	for _, a := range actions[:len(actions)-1] {
		require.Equal(t, int64(pb.SkipOutput), a.Output, "nothing of the app is in the layer")
	}
	// The app is written to and not copied from: BuildKit would go by the
	// content. What it has at the place of its own is gone before the layer comes.
	require.Equal(t, appDigest, top.Inputs[actions[0].Input].Digest)
	require.Equal(t, aside, actions[0].GetRm().GetPath())
	require.True(t, actions[0].GetRm().AllowNotFound)
	require.Equal(t, int64(len(top.Inputs)), actions[1].Input, "on what the first action leaves")
	require.Equal(t, aside, actions[1].GetCopy().Dest)
	for _, a := range actions {
		if in := a.SecondaryInput; in >= 0 && int(in) < len(top.Inputs) {
			require.NotEqual(t, appDigest, top.Inputs[in].Digest)
		}
	}
	last := actions[len(actions)-1]
	require.Equal(t, int64(-1), last.Input, "from scratch")
	require.Equal(t, aside+"/opt", last.GetCopy().Src)
}

func TestTheTopLayerOfAnEmptyAppIsTheSharedOne(t *testing.T) {
	start := SettingsLayer(StartFiles{})
	alone := marshal(t, start)
	g := marshal(t, Attach(llb.Scratch(), Attachment{Merge: true}, start))
	require.Equal(t, alone.digests[:len(alone.digests)-1], g.digests[:len(alone.digests)-1])
	require.Len(t, g.ops, len(alone.ops), "nothing is added to it")
}
