package attest

import (
	"encoding/json"
	"testing"

	"github.com/moby/buildkit/client/llb"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/stretchr/testify/require"
)

func TestNewStatements_IsForBuildsThatAskForAttestations(t *testing.T) {
	for name, tt := range map[string]struct {
		opts        map[string]string
		any, inline bool
	}{
		"nothing":              {nil, false, false},
		"provenance":           {map[string]string{"attest:provenance": ""}, true, false},
		"inline provenance":    {map[string]string{"attest:provenance": "inline-only=true"}, true, true},
		"an SBOM":              {map[string]string{"attest:sbom": ""}, true, false},
		"inline and an SBOM":   {map[string]string{"attest:provenance": "inline-only=true", "attest:sbom": ""}, true, false},
		"provenance, not only": {map[string]string{"attest:provenance": "inline-only=false"}, true, false},
	} {
		s, err := NewStatements(tt.opts)
		require.NoError(t, err, name)
		require.Equal(t, tt.any, s != nil, name)
		if s != nil {
			require.Equal(t, tt.inline, s.inlineOnly, name)
		}
	}
	_, err := NewStatements(map[string]string{"attest:provenance": "\"inline-only"})
	require.ErrorContains(t, err, "reading attestation options")
}

func TestAgentPredicate_SaysAllOfTheAgent(t *testing.T) {
	in := agent.Installed{
		Version: "1.2.3.4-5", Flavor: "musl", Arch: "arm", Technologies: []string{"java"}, FIPS: true, Installer: "0123",
		Signed: true, Config: "merge", ConfigRevision: 1<<53 + 1, Cluster: agent.ChecksumEqual, DiffID: "sha256:4567",
	}
	got, err := json.Marshal(agentPredicate(in, dtllb.Attachment{Merge: true}))
	require.NoError(t, err)
	require.JSONEq(t, `{
		"version": "1.2.3.4-5", "flavor": "musl", "arch": "arm", "technologies": ["java"], "fips": true,
		"config": "merge", "configRevision": "9007199254740993", "installerSHA256": "0123",
		"installerChecksum": "equal", "installerSigned": true, "agentLayer": "sha256:4567"
	}`, string(got))
	in.Cluster = "other"
	require.Empty(t, agentPredicate(in, dtllb.Attachment{}).InstallerChecksum)
}

func TestStatements_AttestEachPlatformByItsID(t *testing.T) {
	s, err := NewStatements(map[string]string{"attest:provenance": "inline-only=true"})
	require.NoError(t, err)
	s.note(&amd64, predicate{Version: "1", CA: "sha256:cc", Start: "aa", Frontend: "sha256:ff"})
	variant := ocispecs.Platform{OS: "linux", Architecture: "aarch64"}
	s.note(&variant, predicate{Version: "2"})
	rb, b := resultFor(t, amd64, arm64), &builder{}
	require.NoError(t, s.Attest(t.Context(), solve.Solver{Client: b}, rb))
	require.Len(t, rb.Attestations, 2)
	for id, want := range map[string]string{
		"linux/amd64": `{"version":"1","flavor":"","arch":"","technologies":null,"ca":"sha256:cc","dtStartSHA256":"aa","frontend":"sha256:ff"}`,
		"linux/arm64": `{"version":"2","flavor":"","arch":"","technologies":null}`,
	} {
		require.Len(t, rb.Attestations[id], 1, id)
		a := rb.Attestations[id][0]
		require.Equal(t, gwpb.AttestationKind_InToto, a.Kind)
		require.Equal(t, "dynatrace.json", a.Path)
		require.Equal(t, "https://github.com/org/dt-frontend/agent/v1", a.InToto.PredicateType)
		require.Equal(t, map[string][]byte{"inline-only": []byte("true")}, a.Metadata)
		require.JSONEq(t, want, a.Ref.(*solved).files["/dynatrace.json"])
	}
	require.ErrorIs(t, s.Attest(t.Context(), solve.Solver{Client: &builder{err: errBroken}}, rb), errBroken)
}

func TestStatements_NoneWereAskedFor(t *testing.T) {
	var s *Statements
	require.NoError(t, s.Add(t.Context(), &amd64, llb.Scratch(), &payload.Payload{Installed: &agent.Installed{}}, dtllb.Attachment{}, amd64))
	s.note(&amd64, predicate{})
	require.NoError(t, s.Attest(t.Context(), solve.Solver{}, nil))
}

func TestStatements_AddNothingForAnImageWithoutAnAgent(t *testing.T) {
	s := &Statements{byPlatform: map[string]predicate{}}
	require.NoError(t, s.Add(t.Context(), &amd64, llb.Scratch(), &payload.Payload{}, dtllb.Attachment{}, amd64))
	require.Empty(t, s.byPlatform)
	// The frontend's own image has the helper; this machine has none.
	err := s.Add(t.Context(), &amd64, llb.Scratch(), &payload.Payload{Installed: &agent.Installed{}}, dtllb.Attachment{}, amd64)
	require.ErrorContains(t, err, "reading the start helper")
	require.Empty(t, s.byPlatform)
}

func TestImageDigest_IsThatOfAnImageByDigest(t *testing.T) {
	const digest = "sha256:0189ab0189ab0189ab0189ab0189ab0189ab0189ab0189ab0189ab0189ab0189"
	got, err := imageDigest(t.Context(), llb.Image("example.invalid/a@"+digest))
	require.NoError(t, err)
	require.Equal(t, digest, got)
	for name, st := range map[string]llb.State{"a tag": llb.Image("example.invalid/a:1"), "a context": llb.Local("a")} {
		got, err := imageDigest(t.Context(), st)
		require.NoError(t, err, name)
		require.Empty(t, got, name)
	}
	_, err = imageDigest(t.Context(), brokenState())
	require.ErrorContains(t, err, "no such image")
}
