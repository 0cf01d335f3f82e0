package attest

import (
	"context"
	"fmt"
	"sync"

	"github.com/containerd/platforms"
	intoto "github.com/in-toto/in-toto-golang/in_toto"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/attestations/sbom"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/result"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/solve"
)

// spdxFile is where our own statement lies in its own state.
const spdxFile = "oneagent.spdx.json"

// SBOM runs the SBOM scanner that the client asks for over the instrumented
// image: BuildKit's own would see the app alone. Nil is a build without one.
type SBOM struct {
	scanner sbom.Scanner
	mu      sync.Mutex
	targets map[string]Image
}

// Image is an image to scan.
type Image struct {
	// State is the image, and App is what the Dockerfile made.
	State llb.State
	App   *dockerfile2llb.Result
	// SPDX is the agent's bill of materials, if there is one.
	SPDX []byte
}

// NewSBOM returns the scan that the client of bc asks for, or nil if it asks for
// none. Resolver finds the scanner's image.
func NewSBOM(ctx context.Context, bc *dockerui.Client, resolver sourceresolver.MetaResolver) (*SBOM, error) {
	if bc.SBOM == nil {
		return nil, nil
	}
	platform := bc.BuildPlatforms[0]
	scanner, err := sbom.CreateSBOMScanner(ctx, resolver, bc.SBOM.Generator, platform, sourceresolver.Opt{
		ImageOpt: &sourceresolver.ResolveImageOpt{
			ResolveMode: bc.BuildOpts().Opts["image-resolve-mode"],
			Platform:    &platform,
		},
	}, bc.SBOM.Parameters)
	if err != nil || scanner == nil {
		return nil, err
	}
	return &SBOM{scanner: scanner, targets: map[string]Image{}}, nil
}

// Add notes the image of one platform, by the same id as dockerui's.
func (s *SBOM) Add(target *ocispecs.Platform, image Image) {
	if s == nil {
		return
	}
	p := platforms.DefaultSpec()
	if target != nil {
		p = *target
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.targets[platforms.FormatAll(platforms.Normalize(p))] = image
}

// Attest scans every platform's image and adds the statements to rb.
func (s *SBOM) Attest(ctx context.Context, solver solve.Solver, rb *dockerui.ResultBuilder) error {
	if s == nil {
		return nil
	}
	return rb.EachPlatform(ctx, func(ctx context.Context, id string, _ ocispecs.Platform) error {
		target, ok := s.targets[id]
		if !ok {
			return fmt.Errorf("no image to scan for %s", id)
		}
		var opts []llb.ConstraintsOpt
		if target.App.IsIgnoreCache {
			opts = append(opts, llb.IgnoreCache)
		}
		att, err := s.scanner(ctx, id, target.State, target.App.SBOM.Extras, opts...)
		if err != nil {
			return err
		}
		solved, err := result.ConvertAttestation(&att, func(st *llb.State) (client.Reference, error) {
			return solver.Lazy(ctx, *st)
		})
		if err != nil {
			return err
		}
		rb.AddAttestation(id, *solved)
		if target.SPDX == nil {
			return nil
		}
		own, err := spdxStatement(ctx, solver, target.SPDX)
		if err != nil {
			return err
		}
		rb.AddAttestation(id, *own)
		return nil
	})
}

// spdxStatement is the agent's bill of materials as a statement of its own: a
// scanner that does not know OneAgent's files says nothing of it.
func spdxStatement(ctx context.Context, s solve.Solver, spdx []byte) (*client.Attestation, error) {
	st := llb.Scratch().File(llb.Mkfile(spdxFile, 0o644, spdx),
		llb.WithCustomName("[dynatrace] state the agent's bill of materials"))
	ref, err := s.Lazy(ctx, st)
	if err != nil {
		return nil, err
	}
	return &client.Attestation{
		Kind:     gwpb.AttestationKind_InToto,
		Metadata: map[string][]byte{result.AttestationReasonKey: []byte(result.AttestationReasonSBOM)},
		Ref:      ref,
		Path:     spdxFile,
		InToto:   result.InTotoAttestation{PredicateType: intoto.PredicateSPDX},
	}, nil
}
