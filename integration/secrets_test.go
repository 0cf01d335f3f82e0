package integration

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/cluster"
	"github.com/org/dt-frontend/integration/oci"
	"github.com/stretchr/testify/require"
)

// TestNoSecretIsLeftAnywhere builds with random values for everything that ties
// an agent to its environment, and looks for them in whatever the build left.
// For each place a value is planted that has to be found: a search that finds
// nothing proves nothing.
func TestNoSecretIsLeftAnywhere(t *testing.T) {
	env := newEnvironment(t, cluster.WithIgnoredSkipMetadata(), cluster.WithTarget(cluster.DefaultVersions[0]))
	planted := "planted" + rand.Text()
	cache := filepath.Join(t.TempDir(), "cache")
	metadata := filepath.Join(t.TempDir(), "metadata.json")
	r := build(t, request{
		dockerfile: `# syntax=SYNTAX
FROM debian:bookworm-slim AS other
ARG PLANTED
RUN echo "$PLANTED" | gzip > /other.gz && echo "$PLANTED"
FROM debian:bookworm-slim
ARG PLANTED
RUN echo "$PLANTED" > /layer
COPY --from=other /other.gz /
CMD ["true"]
`,
		secrets: withSecrets(env),
		args: []string{
			"--build-arg", "PLANTED=" + planted,
			"--provenance=mode=max",
			"--cache-to=type=local,mode=max,dest=" + cache,
			"--metadata-file=" + metadata,
		},
	})
	require.NotEmpty(t, env.Installers()[0].Links, "the raw installer held links")
	secrets := env.Secrets()
	require.GreaterOrEqual(t, len(secrets), 4)

	img := r.image(t)
	layout := searchImage(t, r)
	t.Run("image", func(t *testing.T) {
		layout.requireNone(t, secrets)
		found := layout.find(planted)
		require.True(t, some(found, "!layer"), "control: in a layer: %v", found)
		require.True(t, some(found, "!other.gz!gzip"), "control: in a compressed file in a layer: %v", found)
		require.True(t, some(found, "vnd.in-toto"), "control: in the attestation: %v", found)
	})
	t.Run("config and history", func(t *testing.T) {
		dt, err := json.Marshal(img.Config)
		require.NoError(t, err)
		h := haystack{"config": dt}
		h.requireNone(t, secrets)
		require.NotEmpty(t, h.find(planted), "control: an ARG of a RUN is in the history")
	})
	t.Run("provenance", func(t *testing.T) {
		h := haystack{}
		atts, err := img.Attestations()
		require.NoError(t, err)
		for _, a := range atts {
			h.add(a.PredicateType, a.Statement, 0)
		}
		h.requireNone(t, secrets)
		require.NotEmpty(t, h.find(planted), "control: a build arg is in the provenance")
		require.Contains(t, string(joined(h)), "dt-install", "it describes our steps")
	})
	t.Run("progress", func(t *testing.T) {
		h := haystack{"progress": []byte(r.output)}
		h.requireNone(t, secrets)
		require.NotEmpty(t, h.find(planted), "control: a step's output is in the progress")
	})
	t.Run("metadata file", func(t *testing.T) {
		dt, err := os.ReadFile(metadata)
		require.NoError(t, err)
		h := haystack{"metadata": dt}
		h.requireNone(t, secrets)
		require.NotEmpty(t, h.find(planted), "control: the provenance is in the metadata file")
	})
	t.Run("exported cache", func(t *testing.T) {
		l, err := oci.Open(cache)
		require.NoError(t, err)
		defer l.Close()
		h := searchLayout(t, l)
		h.requireNone(t, secrets)
		found := h.find(planted)
		require.True(t, some(found, "!layer"), "control: the app's steps are in the cache: %v", found)
		require.True(t, some(found, "!gzip"), "control: archives in it are unpacked: %v", found)
		require.Contains(t, h.files(), "liboneagentproc.so", "the clean agent is shared")
		require.Empty(t, h.find("Unpacking complete"), "no installer is, but for a sealed one")
	})
}

// The control for the search itself: it takes an installer apart.
func TestTheSearchUnpacksInstallers(t *testing.T) {
	env := newEnvironment(t, cluster.WithIgnoredSkipMetadata())
	in, err := env.Installer(cluster.Spec{
		Version: cluster.DefaultTarget, Arch: "x86", Flavor: "default", Type: cluster.TypePaaSScript, SkipMetadata: true,
	})
	require.NoError(t, err)
	dt, err := os.ReadFile(in.Path)
	require.NoError(t, err)
	h := haystack{}
	h.add("installer", dt, 0)
	require.NotEmpty(t, h.find(env.TenantToken()))
	require.NotEmpty(t, h.find(env.ID()))
}

func some(names []string, part string) bool {
	for _, n := range names {
		if strings.Contains(n, part) {
			return true
		}
	}
	return false
}

func joined(h haystack) []byte {
	var out []byte
	for _, dt := range h {
		out = append(out, dt...)
	}
	return out
}
