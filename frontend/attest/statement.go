package attest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/attestations"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/result"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// predicateType is that of our in-toto statement.
const predicateType = "https://github.com/org/dt-frontend/agent/v1"

// statementFile is where the statement lies in its own state.
const statementFile = "dynatrace.json"

// predicate says what was put into an image. BuildKit's provenance covers the
// build graph; what an exec downloads is no material of it.
type predicate struct {
	Version      string       `json:"version"`
	Flavor       agent.Flavor `json:"flavor"`
	Arch         agent.Arch   `json:"arch"`
	Technologies []string     `json:"technologies"`
	FIPS         bool         `json:"fips,omitempty"`
	// Config is that of the label. The revision is text, since readers of JSON
	// round numbers of that size.
	Config         string `json:"config,omitempty"`
	ConfigRevision uint64 `json:"configRevision,omitempty,string"`
	// Installer is the SHA-256 of the installer, in hex; empty for an agent that
	// was not installed here.
	Installer string `json:"installerSHA256,omitempty"`
	// InstallerChecksum is "equal" where the cluster named the same digest.
	InstallerChecksum agent.Checksum `json:"installerChecksum,omitempty"`
	// InstallerSigned says that the installer's signature was verified.
	InstallerSigned bool `json:"installerSigned,omitempty"`
	// AgentLayer is the diff ID of the agent layer, where the image has it as it
	// is.
	AgentLayer string `json:"agentLayer,omitempty"`
	// CA is the digest of the file with certificates that the agent is to trust.
	CA string `json:"ca,omitempty"`
	// Start is the SHA-256 of the start helper, in hex.
	Start string `json:"dtStartSHA256,omitempty"`
	// Frontend is the digest of the frontend's image.
	Frontend string `json:"frontend,omitempty"`
}

// Statements collects what was put into each platform's image. Nil is a build
// that asks for no attestations.
type Statements struct {
	inlineOnly bool
	mu         sync.Mutex
	byPlatform map[string]predicate
}

// NewStatements returns nil unless the client asks for attestations: one more
// would turn a plain image into an index.
func NewStatements(opts map[string]string) (*Statements, error) {
	asked, err := attestations.Parse(opts)
	if err != nil {
		return nil, fmt.Errorf("reading attestation options: %w", err)
	}
	provenance, ok := asked[attestations.KeyTypeProvenance]
	_, sbom := asked[attestations.KeyTypeSbom]
	if !ok && !sbom {
		return nil, nil
	}
	inline, _ := strconv.ParseBool(provenance["inline-only"])
	return &Statements{inlineOnly: inline && !sbom, byPlatform: map[string]predicate{}}, nil
}

// Add notes the agent of one platform, by the same id as dockerui's.
func (s *Statements) note(target *ocispecs.Platform, p predicate) {
	if s == nil {
		return
	}
	id := platforms.DefaultSpec()
	if target != nil {
		id = *target
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byPlatform[platforms.FormatAll(platforms.Normalize(id))] = p
}

// Attest adds the statements to rb.
func (s *Statements) Attest(ctx context.Context, solver solve.Solver, rb *dockerui.ResultBuilder) error {
	if s == nil {
		return nil
	}
	for id, p := range s.byPlatform {
		dt, err := json.MarshalIndent(p, "", "  ")
		if err != nil {
			return fmt.Errorf("encoding the statement about the agent: %w", err)
		}
		st := llb.Scratch().File(llb.Mkfile(statementFile, 0o644, dt),
			llb.WithCustomName("[dynatrace] state what was installed"))
		ref, err := solver.Lazy(ctx, st)
		if err != nil {
			return err
		}
		rb.AddAttestation(id, client.Attestation{
			Kind:     gwpb.AttestationKind_InToto,
			Metadata: map[string][]byte{result.AttestationInlineOnlyKey: []byte(strconv.FormatBool(s.inlineOnly))},
			Ref:      ref,
			Path:     statementFile,
			InToto:   result.InTotoAttestation{PredicateType: predicateType},
		})
	}
	return nil
}

// Add notes what a payload brings onto the app of one platform, if the
// build makes statements.
func (s *Statements) Add(ctx context.Context, p *ocispecs.Platform, self llb.State, load *payload.Payload, how dtllb.Attachment, target ocispecs.Platform) error {
	if s == nil || load.Installed == nil {
		return nil
	}
	pred, err := newPredicate(ctx, self, *load.Installed, how, target)
	if err != nil {
		return err
	}
	pred.CA = load.Labels[agent.LabelCA]
	s.note(p, pred)
	return nil
}

// newPredicate describes the agent of in, and how it gets onto the app, for a
// target.
func newPredicate(ctx context.Context, self llb.State, in agent.Installed, how dtllb.Attachment, target ocispecs.Platform) (predicate, error) {
	start, err := hashFile(dtllb.StartHelper(target.Architecture))
	if err != nil {
		return predicate{}, err
	}
	digest, err := imageDigest(ctx, self)
	if err != nil {
		return predicate{}, err
	}
	p := agentPredicate(in, how)
	p.Start, p.Frontend = start, digest
	return p, nil
}

// agentPredicate is the part of the predicate about the agent.
func agentPredicate(in agent.Installed, how dtllb.Attachment) predicate {
	p := predicate{
		Version: in.Version, Flavor: in.Flavor, Arch: in.Arch, Technologies: in.Technologies, FIPS: in.FIPS,
		Installer: in.Installer, InstallerSigned: in.Signed, Config: in.Config, ConfigRevision: in.ConfigRevision,
	}
	if in.Cluster == agent.ChecksumEqual {
		p.InstallerChecksum = in.Cluster
	}
	if how.Merge {
		p.AgentLayer = in.DiffID
	}
	return p
}

// hashFile hashes a file of the frontend's own image, in which this process
// runs.
func hashFile(name string) (string, error) {
	f, err := os.Open(path.Clean(name))
	if err != nil {
		return "", fmt.Errorf("reading the start helper: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading the start helper: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// imageDigest returns the digest of the image that self is, or "" where it is
// none that has one, as where a build context took its place.
func imageDigest(ctx context.Context, self llb.State) (string, error) {
	def, err := self.Marshal(ctx)
	if err != nil {
		return "", fmt.Errorf("marshalling the frontend's own image: %w", err)
	}
	_, digest, _ := strings.Cut(dtllb.SourceOf(def.ToPB()), "@")
	return digest, nil
}
