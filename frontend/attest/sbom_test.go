package attest

import (
	"context"
	"errors"
	"testing"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/attestations/sbom"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/solver/result"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/frontend/solve"
)

// scans are the calls of a scanner.
type scans struct {
	names        []string
	extras       []int
	ignoresCache []bool
	err          error
}

func (s *scans) scan(_ context.Context, name string, st llb.State, extras map[string]llb.State, opts ...llb.ConstraintsOpt) (result.Attestation[*llb.State], error) {
	s.names, s.extras = append(s.names, name), append(s.extras, len(extras))
	var c llb.Constraints
	for _, opt := range opts {
		opt.SetConstraintsOption(&c)
	}
	s.ignoresCache = append(s.ignoresCache, c.Metadata.IgnoreCache)
	return result.Attestation[*llb.State]{Kind: gwpb.AttestationKind_Bundle, Ref: &st, InToto: result.InTotoAttestation{PredicateType: "scan"}}, s.err
}

// imageOf is an image to scan.
func imageOf(spdx []byte, ignoresCache bool) Image {
	return Image{
		State: llb.Scratch().File(llb.Mkfile("/app", 0o644, []byte("app"))), SPDX: spdx,
		App: &dockerfile2llb.Result{IsIgnoreCache: ignoresCache, SBOM: &dockerfile2llb.SBOMTargets{Extras: map[string]llb.State{"context": llb.Scratch()}}},
	}
}

func TestSBOM_ScansTheImageAndStatesTheAgents(t *testing.T) {
	for _, ignoresCache := range []bool{false, true} {
		seen := &scans{}
		s := &SBOM{scanner: sbom.Scanner(seen.scan), targets: map[string]Image{}}
		variant := ocispecs.Platform{OS: "linux", Architecture: "x86_64"}
		s.Add(&variant, imageOf([]byte(`{"agent":1}`), ignoresCache))
		rb := resultFor(t, amd64)
		require.NoError(t, s.Attest(t.Context(), solve.Solver{Client: &builder{}}, rb))
		require.Equal(t, scans{names: []string{"linux/amd64"}, extras: []int{1}, ignoresCache: []bool{ignoresCache}}, *seen)

		got := rb.Attestations["linux/amd64"]
		require.Len(t, got, 2)
		require.Equal(t, "scan", got[0].InToto.PredicateType)
		require.Equal(t, "app", got[0].Ref.(*solved).files["/app"])
		require.Equal(t, gwpb.AttestationKind_InToto, got[1].Kind)
		require.Equal(t, "oneagent.spdx.json", got[1].Path)
		require.Equal(t, "https://spdx.dev/Document", got[1].InToto.PredicateType)
		require.Equal(t, map[string][]byte{"reason": []byte("sbom")}, got[1].Metadata)
		require.JSONEq(t, `{"agent":1}`, got[1].Ref.(*solved).files["/oneagent.spdx.json"])
	}
}

// A build for no platform is one for the builder's own.
func TestAdd_TakesNoPlatformForTheBuilders(t *testing.T) {
	own := platforms.FormatAll(platforms.Normalize(platforms.DefaultSpec()))
	s := &SBOM{targets: map[string]Image{}}
	s.Add(nil, imageOf(nil, false))
	require.Contains(t, s.targets, own)
	all := &Statements{byPlatform: map[string]predicate{}}
	all.note(nil, predicate{Version: "1"})
	require.Equal(t, map[string]predicate{own: {Version: "1"}}, all.byPlatform)
}

func TestSBOM_StatesNothingOfAnImageWithoutAnAgent(t *testing.T) {
	s := &SBOM{scanner: (&scans{}).scan, targets: map[string]Image{}}
	s.Add(&amd64, imageOf(nil, false))
	rb := resultFor(t, amd64)
	require.NoError(t, s.Attest(t.Context(), solve.Solver{Client: &builder{}}, rb))
	require.Len(t, rb.Attestations["linux/amd64"], 1)
}

func TestSBOM_Fails(t *testing.T) {
	s := &SBOM{scanner: (&scans{}).scan, targets: map[string]Image{}}
	rb := resultFor(t, amd64)
	require.EqualError(t, s.Attest(t.Context(), solve.Solver{Client: &builder{}}, rb), "no image to scan for linux/amd64")
	s.Add(&amd64, imageOf(nil, false))
	require.ErrorIs(t, s.Attest(t.Context(), solve.Solver{Client: &builder{err: errBroken}}, rb), errBroken)
	s.Add(&amd64, imageOf([]byte("{}"), false))
	rb = resultFor(t, amd64)
	require.ErrorIs(t, s.Attest(t.Context(), solve.Solver{Client: &builder{refuse: "/oneagent.spdx.json"}}, rb), errBroken)
	rb = resultFor(t, amd64)
	s.scanner = (&scans{err: errors.New("no scan")}).scan
	require.EqualError(t, s.Attest(t.Context(), solve.Solver{Client: &builder{}}, rb), "no scan")
	require.Empty(t, rb.Attestations)
	_, err := spdxStatement(t.Context(), solve.Solver{Client: &builder{err: errBroken}}, []byte("{}"))
	require.ErrorIs(t, err, errBroken)
}

func TestSBOM_NobodyAskedFor(t *testing.T) {
	s, err := NewSBOM(t.Context(), &dockerui.Client{}, nil)
	require.NoError(t, err)
	require.Nil(t, s)
	s.Add(&amd64, imageOf(nil, false))
	require.NoError(t, s.Attest(t.Context(), solve.Solver{}, nil))
}

// images answers for the scanner's image.
type images struct {
	config string
	asked  *pb.SourceOp
	opt    sourceresolver.Opt
}

func (i *images) ResolveSourceMetadata(_ context.Context, op *pb.SourceOp, opt sourceresolver.Opt) (*sourceresolver.MetaResponse, error) {
	i.asked, i.opt = op, opt
	return &sourceresolver.MetaResponse{Op: op, Image: &sourceresolver.ResolveImageResponse{Config: []byte(i.config)}}, nil
}

func TestNewSBOM_AsksForTheScannersImage(t *testing.T) {
	bc := &dockerui.Client{}
	bc.SBOM = &dockerui.SBOM{Generator: "example.invalid/scanner", Parameters: map[string]string{"DEPTH": "2"}}
	bc.BuildPlatforms = []ocispecs.Platform{arm64}
	registry := &images{config: `{"config":{"Entrypoint":["/scan"]}}`}
	s, err := NewSBOM(t.Context(), bc, registry)
	require.NoError(t, err)
	require.Contains(t, registry.asked.Identifier, "example.invalid/scanner")
	require.Equal(t, &arm64, registry.opt.ImageOpt.Platform)

	s.Add(&amd64, imageOf(nil, false))
	b := &builder{}
	require.NoError(t, s.Attest(t.Context(), solve.Solver{Client: b}, resultFor(t, amd64)))
	var args, env []string
	for _, op := range b.ops {
		if e := op.GetExec(); e != nil {
			args, env = e.Meta.Args, e.Meta.Env
		}
	}
	require.Equal(t, []string{"/scan"}, args)
	require.Contains(t, env, "BUILDKIT_SCAN_DEPTH=2")

	bc.SBOM.Generator = ""
	s, err = NewSBOM(t.Context(), bc, registry)
	require.NoError(t, err)
	require.Nil(t, s, "no scanner is named")

	bc.SBOM.Generator, registry.config = "example.invalid/scanner", `{}`
	s, err = NewSBOM(t.Context(), bc, registry)
	require.ErrorContains(t, err, "does not have cmd")
	require.Nil(t, s)
}
