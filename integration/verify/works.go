package verify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/registry"
	"github.com/org/dt-frontend/integration/harness/sbom"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// works is a build with every kind of output and of exported cache, and all
// attestations that there are.
func works(t *testing.T, w *witness) {
	s := newSubject(t, cluster.WithIgnoredSkipMetadata(), cluster.WithTarget(cluster.DefaultVersions[0]))
	scanner := sbom.PushScanner(t)
	sent := registry.NewRecorder(t)
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	request := w.request(s)
	request.Args = append(request.Args,
		"--progress=plain",
		"--output=type=tar,dest="+in("rootfs.tar"),
		"--output=type=local,dest="+in("rootfs"),
		"--output=type=image,push=true,name="+sent.Address+"/app:"+s.planted,
		"--cache-to=type=registry,mode=max,ref="+sent.Address+"/cache:"+s.planted,
		"--cache-to=type=local,mode=max,dest="+in("cache"),
		"--cache-to=type=inline",
		"--attest=type=sbom,generator="+scanner,
		"--metadata-file="+in("metadata.json"),
		"--build-arg=DYNATRACE=config=merge",
	)
	r := buildx.Build(t, request)
	require.NotEmpty(t, s.env.Installers()[0].Links, "the raw installer held links")
	require.NotZero(t, s.proxy.Used(), "it came by the proxy")
	w.search(t, s, r)
	w.requireSeen(t, s)

	t.Run("image", func(t *testing.T) { w.searchImage(t, s, r) })
	t.Run("tar", func(t *testing.T) { w.searchRoot(t, s, search.File(t, in("rootfs.tar"))) })
	t.Run("local", func(t *testing.T) { w.searchRoot(t, s, search.Dir(t, in("rootfs"))) })
	t.Run("metadata file", func(t *testing.T) {
		h := search.File(t, in("metadata.json"))
		s.requireNone(t, "metadata", h)
		require.NotEmpty(t, h.Find(s.planted), "control: the provenance is in the metadata file")
	})
	t.Run("local cache", func(t *testing.T) {
		layout, err := oci.Open(in("cache"))
		require.NoError(t, err)
		defer layout.Close()
		w.searchCache(t, s, search.Layout(t, layout))
	})
	t.Run("sent to the registry", func(t *testing.T) {
		h := sent.Haystack()
		w.searchCache(t, s, h)
		require.NotEmpty(t, h.Find("moby.buildkit.cache.v0"), "control: the inline cache is there")
	})
}

// searchImage looks into an OCI archive with attestations.
func (w *witness) searchImage(t *testing.T, s *subject, r buildx.Result) {
	t.Helper()
	h := search.Image(t, r)
	s.requireNone(t, "image", h)
	found := h.Find(s.planted)
	require.True(t, search.Some(found, "!layer-planted"), "control: in a layer: %v", found)
	require.True(t, search.Some(found, "!packed.gz!gzip"), "control: in a compressed file in a layer: %v", found)

	img := r.Image(t)
	config, err := json.Marshal(img.Config)
	require.NoError(t, err)
	require.Contains(t, string(config), s.planted, "control: an ARG of a RUN is in the history")
	atts, err := img.Attestations()
	require.NoError(t, err)
	planted := map[string]bool{}
	for _, a := range atts {
		h := search.Haystack{}
		h.Add(a.PredicateType, a.Statement)
		planted[a.PredicateType] = planted[a.PredicateType] || len(h.Find(s.planted)) > 0
		if a.PredicateType == "https://slsa.dev/provenance/v1" {
			require.Contains(t, string(a.Statement), "dt-install", "it describes our steps")
		}
	}
	require.True(t, planted["https://slsa.dev/provenance/v1"], "control: build args are in the provenance: %v", planted)
	require.True(t, planted["https://spdx.dev/Document"], "control: names of files are in the SBOM: %v", planted)
}

// searchRoot looks into a root file system.
func (w *witness) searchRoot(t *testing.T, s *subject, h search.Haystack) {
	t.Helper()
	s.requireNone(t, "root file system", h)
	found := h.Find(s.planted)
	require.True(t, search.Some(found, "layer-planted"), "control: in a file: %v", found)
	require.True(t, search.Some(found, "packed.gz!gzip"), "control: in a compressed file: %v", found)
	require.True(t, search.Some(found, "provenance.json"), "control: in the attestation beside it: %v", found)
}

// searchCache looks into an exported cache.
func (w *witness) searchCache(t *testing.T, s *subject, h search.Haystack) {
	t.Helper()
	s.requireNone(t, "cache", h)
	found := h.Find(s.planted)
	require.True(t, search.Some(found, "!layer-planted"), "control: the app's steps are in it: %v", found)
	require.True(t, search.Some(found, "!packed.gz!gzip"), "control: archives are unpacked: %v", found)
	require.Contains(t, h.Files(), "liboneagentproc.so", "control: the clean agent is shared")
	require.Contains(t, h.Files(), "installer.sealed", "control: so is the installer, sealed")
	require.Contains(t, h.Files(), "config.json", "control: and the environment's configuration")
	require.Empty(t, h.Find("Unpacking complete"), "it is sealed")
}

// requireSeen is the control for what the daemon keeps of a build that works.
func (w *witness) requireSeen(t *testing.T, s *subject) {
	t.Helper()
	found := w.find(t, []cluster.Secret{{Name: "planted", Value: s.planted}, {Name: "script", Value: "Unpacking complete"}})
	planted := found["planted"]
	for _, part := range []string{
		"/snapshots/", "packed.gz!gzip", // a file, and one packed
		"/blobs/sha256/", "!layer-planted", // in the layer that was exported
		"metadata_v2.db", "history.db",
		"buildkitd.log",
	} {
		require.True(t, search.Some(planted, part), "control: %s: %v", part, planted)
	}
	require.Empty(t, found["script"], "the installer is sealed")
}

// worksAnew is a build with nothing from the cache, of the other kind of
// installer, told in JSON, whose image is one of Docker's.
func worksAnew(t *testing.T, w *witness) {
	s := newSubject(t, cluster.WithIgnoredSkipMetadata())
	request := w.request(s)
	archive := filepath.Join(t.TempDir(), "docker.tar")
	request.Output = "type=docker,dest=" + archive
	request.Args = append(request.Args, "--provenance=false", "--no-cache", "--build-arg", "DYNATRACE=installer=paas")
	r := buildx.Build(t, request)
	require.Contains(t, r.Output, `"vertexes"`, "control: it is JSON")
	said := search.Haystack{"output": []byte(r.Output)}
	require.NotEmpty(t, said.Find(s.planted+", told"), "control: what a step prints is in it")
	w.search(t, s, r)
	h := search.File(t, archive)
	s.requireNone(t, "docker archive", h)
	found := h.Find(s.planted)
	require.True(t, search.Some(found, "!layer-planted"), "control: in a layer: %v", found)
	require.True(t, search.Some(found, "!packed.gz!gzip"), "control: in a compressed file in a layer: %v", found)
	require.NoError(t, os.Remove(archive))
}
