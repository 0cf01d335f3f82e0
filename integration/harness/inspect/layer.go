package inspect

import (
	"archive/tar"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/stretchr/testify/require"
)

// Labels of images with an agent.
const (
	LayerLabel        = "com.dynatrace.oneagent.layer"
	FlavorLabel       = "com.dynatrace.oneagent.flavor"
	TechnologiesLabel = "com.dynatrace.oneagent.technologies"
)

// NoDigest is a digest that nothing has.
const NoDigest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"

// DiffIDs returns the diff IDs of an image's layers, as the label has them.
func DiffIDs(img *oci.Image) []string {
	var out []string
	for _, id := range img.DiffIDs() {
		out = append(out, id.String())
	}
	return out
}

// AgentDiffID returns the agent layer's diff ID: after it come the layers of the
// start helper and of its settings.
func AgentDiffID(t testing.TB, r buildx.Result) string {
	t.Helper()
	ids := r.Image(t).DiffIDs()
	return ids[len(ids)-3].String()
}

// AgentLayer returns an image's agent layer, as it is pushed.
func AgentLayer(t testing.TB, img *oci.Image) ocispecs.Descriptor {
	t.Helper()
	for i, id := range img.DiffIDs() {
		if id.String() == img.Config.Config.Labels[LayerLabel] {
			return img.Manifest.Layers[i]
		}
	}
	require.Fail(t, "the label names no layer")
	return ocispecs.Descriptor{}
}

// Marker returns the mark that an environment's agent carries.
func Marker(t testing.TB, r buildx.Result) string {
	t.Helper()
	img := r.Image(t)
	at := slices.Index(DiffIDs(img), img.Config.Config.Labels[LayerLabel])
	require.GreaterOrEqual(t, at, 0)
	layer, err := img.Layer(at)
	require.NoError(t, err)
	defer func() { _ = layer.Close() }()
	for tr := tar.NewReader(layer); ; {
		hdr, err := tr.Next()
		require.NoError(t, err, "the agent has a marker")
		if path.Base(hdr.Name) == "marker" {
			dt, err := io.ReadAll(tr)
			require.NoError(t, err)
			return strings.TrimSpace(string(dt))
		}
	}
}

// RequireInstrumented fails unless an image holds an environment's agent, by its
// marker, and starts its app once.
func RequireInstrumented(t testing.TB, r buildx.Result, mark string, entrypoint ...string) {
	t.Helper()
	require.Equal(t, mark, Marker(t, r))
	require.Equal(t, append([]string{"/opt/dynatrace/dt-start", "--"}, entrypoint...), r.Image(t).Config.Config.Entrypoint)
}

// RequireNoAgent fails unless a build of the small app went on without the agent,
// and said so once.
func RequireNoAgent(t testing.TB, r buildx.Result, why string) {
	t.Helper()
	cfg := r.Image(t).Config.Config
	require.Equal(t, "off", cfg.Labels["com.dynatrace.oneagent.mode"])
	require.Empty(t, cfg.Entrypoint)
	require.Equal(t, []string{"true"}, cfg.Cmd)
	require.NotContains(t, strings.Join(search.Image(t, r).Files(), " "), "dt-start")
	require.Equal(t, 1, r.Warned("is built without OneAgent ("+why), r.Output)
}
