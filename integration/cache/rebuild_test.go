package cache

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/stretchr/testify/require"
)

// An image is as old as the app in it, not as what images share.
func TestReproducible_ImageIsAsOldAsItsApp(t *testing.T) {
	app := func(text string) buildx.Request {
		return buildx.Request{
			Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN echo " + text + " > /app\n",
			Args:       buildx.Options("mode=runtime"),
		}
	}
	first := buildx.Build(t, app(rand.Text())).Image(t)
	text := rand.Text()
	second := buildx.Build(t, app(text)).Image(t)
	top := len(first.Manifest.Layers) - 1
	require.Equal(t, first.Manifest.Layers[top].Digest, second.Manifest.Layers[top].Digest, "the settings are the same")
	require.True(t, second.Config.Created.After(*first.Config.Created),
		"%s is not after %s", second.Config.Created, first.Config.Created)

	again := buildx.Build(t, app(text)).Image(t)
	require.Equal(t, second.Descriptor.Digest, again.Descriptor.Digest, "what is built already is no new image")
}

// A build begins cache mounts anew under --no-cache, once, and keeps what its
// steps leave in there.
func TestNoCache_KeepsNewCacheMounts(t *testing.T) {
	id := rand.Text()
	content := func(file string, args ...string) string {
		r := buildx.Build(t, buildx.Request{
			Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nARG FILE\n" +
				// The id is in the command too, since a mount is no part of a step's key.
				"RUN --mount=type=cache,id=" + id + ",target=/cache : " + id + " && touch /cache/$FILE && ls /cache > /found\n",
			Args: append(append(buildx.Options("mode=runtime"), "--build-arg", "FILE="+file), args...),
		})
		dt, err := os.ReadFile(filepath.Join(r.Unpack(t), "found"))
		require.NoError(t, err)
		return string(dt)
	}
	require.Equal(t, "a\n", content("a"))
	require.Equal(t, "b\n", content("b", "--no-cache"))
	require.Equal(t, "b\nc\n", content("c"))
}
