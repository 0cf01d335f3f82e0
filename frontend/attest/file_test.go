package attest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/stretchr/testify/require"
)

func TestHashFile_HashesTheWholeFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "dt-start")
	require.NoError(t, os.WriteFile(name, []byte("abc"), 0o600))
	got, err := hashFile(name)
	require.NoError(t, err)
	require.Equal(t, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", got)
	for _, broken := range []string{name + "-lost", filepath.Dir(name)} {
		got, err = hashFile(broken)
		require.ErrorContains(t, err, "reading the start helper")
		require.Empty(t, got)
	}
}

// The helper of a made-up architecture lies in a directory of the test's.
func TestAdd_SaysWhatTheFrontendIs(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dt-start"), []byte("abc"), 0o600))
	const digest = "sha256:0189ab0189ab0189ab0189ab0189ab0189ab0189ab0189ab0189ab0189ab0189"
	target := ocispecs.Platform{OS: "linux", Architecture: "/../.." + dir}
	load := &payload.Payload{Installed: &agent.Installed{Version: "1.2", DiffID: "sha256:4567"}, Labels: map[string]string{agent.LabelCA: "sha256:cc"}}
	s := &Statements{byPlatform: map[string]predicate{}}
	require.NoError(t, s.Add(t.Context(), &amd64, llb.Image("example.invalid/a@"+digest), load, dtllb.Attachment{Merge: true}, target))
	require.Equal(t, map[string]predicate{"linux/amd64": {
		Version: "1.2", AgentLayer: "sha256:4567", CA: "sha256:cc", Frontend: digest,
		Start: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	}}, s.byPlatform)
	err := s.Add(t.Context(), &arm64, brokenState(), load, dtllb.Attachment{}, target)
	require.ErrorContains(t, err, "no such image")
	require.Len(t, s.byPlatform, 1)
}
