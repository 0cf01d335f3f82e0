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
	var written []string
	for _, a := range top.GetFile().Actions {
		if in := a.Input; in >= 0 && top.Inputs[in].Digest == appDigest {
			// Not as a source to copy from: BuildKit would go by the content.
			written = append(written, a.GetCopy().Dest)
			require.Equal(t, int64(pb.SkipOutput), a.Output, "nothing of the app is in the layer")
		}
	}
	require.Equal(t, []string{aside}, written)
}

func TestTheTopLayerOfAnEmptyAppIsTheSharedOne(t *testing.T) {
	start := SettingsLayer(StartFiles{})
	alone := marshal(t, start)
	g := marshal(t, Attach(llb.Scratch(), Attachment{Merge: true}, start))
	require.Equal(t, alone.digests[:len(alone.digests)-1], g.digests[:len(alone.digests)-1])
	require.Len(t, g.ops, len(alone.ops), "nothing is added to it")
}
