package frontend_test

import (
	"context"
	"testing"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend"
	"github.com/stretchr/testify/require"
)

// scanless is a daemon whose scanner for SBOMs has no command.
type scanless struct{ *daemon }

func (scanless) ResolveSourceMetadata(_ context.Context, op *pb.SourceOp, _ sourceresolver.Opt) (*sourceresolver.MetaResponse, error) {
	return &sourceresolver.MetaResponse{Op: op, Image: &sourceresolver.ResolveImageResponse{Config: []byte("{}")}}, nil
}

// A build that is asked for an SBOM which it cannot make fails.
func TestBuild_FailsWithoutTheScannerThatItIsAskedFor(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "")
	d.opts["attest:sbom"] = "generator=example.invalid/scanner"
	_, err := frontend.Build(t.Context(), scanless{d})
	require.ErrorContains(t, err, "does not have cmd")
}

// What the builder has recorded by now is refused before anything is built.
func TestBuild_RefusesATokenAsBuildArg(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "")
	d.opts["build-arg:DT_API_TOKEN"] = "x"
	require.ErrorContains(t, d.fails(t), "--build-arg DT_API_TOKEN puts a token into the builder's history and the image's")
	require.Empty(t, d.steps())
}
