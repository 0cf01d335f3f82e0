package attest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

var (
	amd64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	arm64 = ocispecs.Platform{OS: "linux", Architecture: "arm64"}
)

// builder solves states: it keeps the files that they write.
type builder struct {
	client.Client
	err error
	// refuse is the file that cannot be written.
	refuse string
	mu     sync.Mutex
	ops    []*pb.Op
}

// solved is a result, and the file that its definition writes.
type solved struct {
	client.Reference
	files map[string]string
}

func (b *builder) Solve(_ context.Context, req client.SolveRequest) (*client.Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	res, files := client.NewResult(), map[string]string{}
	for _, dt := range req.Definition.Def {
		op := &pb.Op{}
		if err := op.UnmarshalVT(dt); err != nil {
			return nil, err
		}
		b.ops = append(b.ops, op)
		for _, a := range op.GetFile().GetActions() {
			files[a.GetMkfile().GetPath()] = string(a.GetMkfile().GetData())
		}
	}
	res.SetRef(&solved{files: files})
	if _, ok := files[b.refuse]; ok && b.refuse != "" {
		return nil, errBroken
	}
	return res, b.err
}

// resultFor is the result of a build for platforms.
func resultFor(t *testing.T, targets ...ocispecs.Platform) *dockerui.ResultBuilder {
	t.Helper()
	bc := &dockerui.Client{}
	bc.TargetPlatforms = targets
	bc.MultiPlatformRequested = true
	rb, err := bc.Build(t.Context(), func(_ context.Context, p *ocispecs.Platform, _ int) (*dockerui.BuildResult, error) {
		img := &dockerspec.DockerOCIImage{}
		img.Platform = *p
		return &dockerui.BuildResult{Image: img, Reference: &solved{}}, nil
	})
	require.NoError(t, err)
	return rb
}

var errBroken = errors.New("the builder is gone")

// brokenState cannot be marshalled.
func brokenState() llb.State {
	return llb.Scratch().Async(func(context.Context, llb.State, *llb.Constraints) (llb.State, error) {
		return llb.State{}, fmt.Errorf("no such image")
	}).File(llb.Mkdir("/a", 0o755))
}
