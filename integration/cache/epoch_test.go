package cache

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// epoch is the time of the sources, in the past.
const epoch = 1700000000

// atEpoch is what makes an image of that time.
var atEpoch = []string{fmt.Sprint("--build-arg=SOURCE_DATE_EPOCH=", epoch), "--provenance=false"}

// reproducible builds an image that two builders should make alike.
func reproducible(t *testing.T, r buildx.Request) *oci.Image {
	t.Helper()
	archive := filepath.Join(t.TempDir(), "image.tar")
	r.Output = "type=oci,rewrite-timestamp=true,dest=" + archive
	r.Args = atEpoch
	buildx.Build(t, r)
	return buildx.Result{Archive: archive}.Image(t)
}

// With SOURCE_DATE_EPOCH and rewrite-timestamp two builders make the same image,
// in which nothing is younger than its sources, however the agent gets in.
func TestReproducible_OnTwoBuilders(t *testing.T) {
	env := tenant.New(t)
	base := testenv.Registry(t) + "/epoch-base:" + env.ID()
	buildx.Build(t, buildx.Request{
		Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: atEpoch,
		Output: "type=image,push=true,rewrite-timestamp=true,name=" + base,
	})
	other := daemon.New(t, daemon.Options{}).Env()
	for name, tt := range map[string]struct {
		dockerfile string
		younger    int // layers of a base image that is
	}{
		"merged":            {"FROM debian:bookworm-slim\nRUN echo hello >/greeting\nCMD [\"true\"]\n", 1},
		"copied":            {"FROM debian:bookworm-slim\nRUN chmod 0751 /opt\nCMD [\"true\"]\n", 1},
		"instead of an old": {"FROM " + base + "\nCOPY Dockerfile /\n", 0},
		"from scratch":      {"FROM scratch\nCOPY Dockerfile /\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := buildx.Request{Dockerfile: "# syntax=SYNTAX\n" + tt.dockerfile, Secrets: tenant.Secrets(env)}
			one := reproducible(t, r)
			r.Env = other
			two := reproducible(t, r)
			require.Equal(t, one.Config, two.Config)
			require.Equal(t, one.Manifest.Layers, two.Manifest.Layers)
			require.Equal(t, one.Descriptor.Digest, two.Descriptor.Digest)
			requireNothingYounger(t, one, tt.younger)
		})
	}
}

// requireNothingYounger checks everything of an image but its lowest layers.
func requireNothingYounger(t *testing.T, img *oci.Image, but int) {
	t.Helper()
	end := time.Unix(epoch, 0)
	require.Equal(t, end.UTC(), img.Config.Created.UTC())
	for _, h := range img.Config.History {
		if h.Created != nil {
			require.False(t, h.Created.After(end), "%s is of %s", h.CreatedBy, h.Created)
		}
	}
	for n := but; n < len(img.DiffIDs()); n++ {
		layer, err := img.Layer(n)
		require.NoError(t, err)
		for tr := tar.NewReader(layer); ; {
			hdr, err := tr.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			require.False(t, hdr.ModTime.After(end), "%s in layer %d is of %s", hdr.Name, n, hdr.ModTime)
		}
		require.NoError(t, layer.Close())
	}
}
