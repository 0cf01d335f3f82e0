package solve

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
)

// Solver solves states with the build's cache imports, which BuildKit does not
// apply to a frontend's requests by itself.
type Solver struct {
	Client client.Client
	// CacheImports are the caches that the build may take steps from.
	CacheImports []client.CacheOptionsEntry
	// Fresh is what need not run again; nil remembers nothing.
	Fresh *Fresh
}

// Lazy returns a reference that is solved when somebody looks into it. It is
// nil for an empty state.
func (s Solver) Lazy(ctx context.Context, st llb.State, opts ...llb.ConstraintsOpt) (client.Reference, error) {
	return s.solve(ctx, false, st, opts...)
}

// Evaluate solves st now. The reference is nil for an empty state.
func (s Solver) Evaluate(ctx context.Context, st llb.State) (client.Reference, error) {
	return s.solve(ctx, true, st)
}

func (s Solver) solve(ctx context.Context, evaluate bool, st llb.State, opts ...llb.ConstraintsOpt) (client.Reference, error) {
	def, err := st.Marshal(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("marshalling the build graph: %w", err)
	}
	req := def.ToPB()
	s.Fresh.reuse(req)
	res, err := s.Client.Solve(ctx, client.SolveRequest{
		Definition:   req,
		Evaluate:     evaluate,
		CacheImports: s.CacheImports,
	})
	if err != nil {
		return nil, err
	}
	if evaluate {
		s.Fresh.add(req)
	}
	return res.SingleRef()
}

// ReadJSON decodes the file name of ref.
func ReadJSON(ctx context.Context, ref client.Reference, name string, v any) error {
	dt, err := dockerui.ReadFile(ctx, ref, name)
	if err != nil {
		return fmt.Errorf("reading %s of a build step: %w", name, err)
	}
	if err := json.Unmarshal(dt, v); err != nil {
		return fmt.Errorf("decoding %s of a build step: %w", name, err)
	}
	return nil
}
