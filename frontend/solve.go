package frontend

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
)

// solver solves states with the build's cache imports, which BuildKit does not
// apply to a frontend's requests by itself.
type solver struct {
	client       client.Client
	cacheImports []client.CacheOptionsEntry
	// fresh is what need not run again.
	fresh *fresh
}

// lazy returns a reference that is solved when somebody looks into it. It is
// nil for an empty state.
func (s solver) lazy(ctx context.Context, st llb.State, opts ...llb.ConstraintsOpt) (client.Reference, error) {
	return s.solve(ctx, false, st, opts...)
}

// evaluate solves st now. The reference is nil for an empty state.
func (s solver) evaluate(ctx context.Context, st llb.State) (client.Reference, error) {
	return s.solve(ctx, true, st)
}

func (s solver) solve(ctx context.Context, evaluate bool, st llb.State, opts ...llb.ConstraintsOpt) (client.Reference, error) {
	def, err := st.Marshal(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("marshalling the build graph: %w", err)
	}
	req := def.ToPB()
	s.fresh.reuse(req)
	res, err := s.client.Solve(ctx, client.SolveRequest{
		Definition:   req,
		Evaluate:     evaluate,
		CacheImports: s.cacheImports,
	})
	if err != nil {
		return nil, err
	}
	if evaluate {
		s.fresh.add(req)
	}
	return res.SingleRef()
}

// readJSON decodes the file name of ref.
func readJSON(ctx context.Context, ref client.Reference, name string, v any) error {
	dt, err := dockerui.ReadFile(ctx, ref, name)
	if err != nil {
		return fmt.Errorf("reading %s of a build step: %w", name, err)
	}
	if err := json.Unmarshal(dt, v); err != nil {
		return fmt.Errorf("decoding %s of a build step: %w", name, err)
	}
	return nil
}
