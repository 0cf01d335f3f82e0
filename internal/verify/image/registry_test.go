package image_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/docker/cli/cli/config"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/stretchr/testify/require"
)

// credentials are what a registry asks for, and counts how often it got them.
type credentials struct {
	user, password string
	used           int
}

func (c *credentials) allow(w http.ResponseWriter, r *http.Request) bool {
	if c == nil {
		return true
	}
	user, password, ok := r.BasicAuth()
	if ok && user == c.user && password == c.password {
		c.used++
		return true
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
	w.WriteHeader(http.StatusUnauthorized)
	return false
}

// serve runs a registry that has a layout's image as its one tag, and returns
// its host.
func serve(t *testing.T, dir string, c *credentials) string {
	t.Helper()
	// The layout's index names one image, which the tag stands for.
	root := rootOf(t, dir)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.allow(w, r) {
			return
		}
		name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		if name == "latest" {
			name = root.String()
		}
		dt, err := os.ReadFile(filepath.Join(dir, "blobs", strings.ReplaceAll(name, ":", "/")))
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", mediaType(r.URL.Path, dt))
		w.Header().Set("Docker-Content-Digest", name)
		w.Header().Set("Content-Length", fmt.Sprint(len(dt)))
		_, _ = w.Write(dt)
	}))
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

func mediaType(path string, dt []byte) string {
	switch {
	case !strings.Contains(path, "/manifests/"):
		return "application/octet-stream"
	case strings.Contains(string(dt), `"manifests"`):
		return ocispecs.MediaTypeImageIndex
	}
	return ocispecs.MediaTypeImageManifest
}

// rootOf returns what a layout's index names.
func rootOf(t *testing.T, dir string) digest.Digest {
	t.Helper()
	img := open(t, "oci-layout://"+dir)
	require.NotEmpty(t, img.Digest)
	return img.Digest
}

func TestMain(m *testing.M) {
	// The config's folder is looked up once in the life of a process.
	dir, err := os.MkdirTemp("", "dt-verify-test")
	if err != nil {
		panic(err)
	}
	_ = os.Setenv("DOCKER_CONFIG", dir)
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// dockerConfig writes the config of the docker command.
func dockerConfig(t *testing.T, text string) {
	t.Helper()
	name := filepath.Join(config.Dir(), "config.json")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	t.Cleanup(func() { _ = os.Remove(name) })
}

func TestCredentialsAreThoseOfDocker(t *testing.T) {
	dir := strings.TrimPrefix(good(t, leaky.FormLayout), "oci-layout://")
	c := &credentials{user: "me", password: "pass word"}
	host := serve(t, dir, c)
	ref := host + "/team/app:latest"

	_, err := image.Open(t.Context(), ref, image.Options{})
	require.ErrorContains(t, err, "log in with docker login")
	require.Zero(t, c.used)

	t.Run("in the config", func(t *testing.T) {
		// "me:pass word" in base64.
		dockerConfig(t, `{"auths":{"`+host+`":{"auth":"bWU6cGFzcyB3b3Jk"}}}`)
		require.Len(t, open(t, ref).Manifests, 3)
		require.NotZero(t, c.used)
	})
	t.Run("from a helper", func(t *testing.T) {
		c.used = 0
		bin := t.TempDir()
		script := "#!/bin/sh\nread host\n[ \"$1 $host\" = \"get " + host + "\" ] || exit 1\n" +
			"echo '{\"ServerURL\":\"'$host'\",\"Username\":\"me\",\"Secret\":\"pass word\"}'\n"
		require.NoError(t, os.WriteFile(filepath.Join(bin, "docker-credential-test"), []byte(script), 0o755))
		t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
		dockerConfig(t, `{"credHelpers":{"`+host+`":"test"}}`)
		require.Len(t, open(t, ref).Manifests, 3)
		require.NotZero(t, c.used)
	})
}

func TestARegistrysContentIsChecked(t *testing.T) {
	dir := strings.TrimPrefix(good(t, leaky.FormLayout), "oci-layout://")
	host := serve(t, dir, nil)
	img := open(t, host+"/team/app:latest")
	layer := img.Manifests[0].Layers[0]
	name := filepath.Join(dir, "blobs", strings.ReplaceAll(layer.Descriptor.Digest.String(), ":", "/"))
	dt, err := os.ReadFile(name)
	require.NoError(t, err)
	dt[len(dt)-1] ^= 0xff
	require.NoError(t, os.WriteFile(name, dt, 0o600))
	_, err = readLayer(t, layer)
	var damaged *image.DamagedError
	require.ErrorAs(t, err, &damaged)
	require.Equal(t, layer.Descriptor.Digest, damaged.Digest)

	_, err = image.Open(t.Context(), host+"/team/app:other", image.Options{})
	require.ErrorContains(t, err, "the registry does not have it")
}

// An image may say that a layer lies elsewhere. Who looks at it does not go
// there.
func TestNoOtherServerIsAsked(t *testing.T) {
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(other.Close)
	l := newLayout(t)
	layer := l.blob(images.MediaTypeDockerSchema2LayerForeign, archive(t, "file", "content"))
	diffID := layer.Digest
	layer.URLs = []string{other.URL + "/layer"}
	l.index(l.image([]digest.Digest{diffID}, layer))
	img := open(t, serve(t, l.dir, nil)+"/team/app:latest")
	got, err := readLayer(t, img.Manifests[0].Layers[0])
	require.NoError(t, err)
	require.Equal(t, map[string]string{"file": "content"}, got.files)
	require.False(t, asked)
}
