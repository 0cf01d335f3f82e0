package solve

import (
	"context"
	"errors"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

// recorder is a builder that keeps what it is asked to solve.
type recorder struct {
	client.Client
	err  error
	asks []client.SolveRequest
}

func (r *recorder) Solve(_ context.Context, req client.SolveRequest) (*client.Result, error) {
	r.asks = append(r.asks, req)
	return client.NewResult(), r.err
}

// anew returns the commands of the last request that are to run whatever the
// cache has.
func (r *recorder) anew(t *testing.T) []string {
	t.Helper()
	var out []string
	def := r.asks[len(r.asks)-1].Definition
	for _, dt := range def.Def {
		op := &pb.Op{}
		require.NoError(t, op.UnmarshalVT(dt))
		if e := op.GetExec(); e != nil && def.Metadata[digest.FromBytes(dt).String()].GetIgnoreCache() {
			out = append(out, e.Meta.Args...)
		}
	}
	return out
}

func TestWhatRanWithoutTheCacheRunsOnce(t *testing.T) {
	builder := &recorder{}
	s := Solver{Client: builder, Fresh: NewFresh()}
	app := llb.Image("example.invalid/app").Run(llb.Args([]string{"app"}), llb.IgnoreCache).Root()
	image := app.Run(llb.Args([]string{"ours"}), llb.IgnoreCache).Root()

	_, err := s.Lazy(t.Context(), app)
	require.NoError(t, err)
	require.Equal(t, []string{"app"}, builder.anew(t))

	builder.err = errors.New("the app fails")
	_, err = s.Evaluate(t.Context(), app)
	require.Error(t, err)
	builder.err = nil
	_, err = s.Evaluate(t.Context(), app)
	require.NoError(t, err)
	require.Equal(t, []string{"app"}, builder.anew(t), "it has not run: nobody looked, and then it failed")

	for range 2 {
		_, err = s.Lazy(t.Context(), image)
		require.NoError(t, err)
		require.Equal(t, []string{"ours"}, builder.anew(t))
	}
	_, err = s.Evaluate(t.Context(), image)
	require.NoError(t, err)
	_, err = s.Lazy(t.Context(), image)
	require.NoError(t, err)
	require.Empty(t, builder.anew(t))
}
