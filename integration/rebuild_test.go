package integration

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// An image is as old as the app in it, not as what images share.
func TestAnImageIsAsOldAsItsApp(t *testing.T) {
	app := func(text string) request {
		return request{
			dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN echo " + text + " > /app\n",
			args:       withOptions("mode=runtime"),
		}
	}
	first := build(t, app(rand.Text())).image(t)
	text := rand.Text()
	second := build(t, app(text)).image(t)
	top := len(first.Manifest.Layers) - 1
	require.Equal(t, first.Manifest.Layers[top].Digest, second.Manifest.Layers[top].Digest, "the settings are the same")
	require.True(t, second.Config.Created.After(*first.Config.Created),
		"%s is not after %s", second.Config.Created, first.Config.Created)

	again := build(t, app(text)).image(t)
	require.Equal(t, second.Descriptor.Digest, again.Descriptor.Digest, "what is built already is no new image")
}

// A build begins cache mounts anew under --no-cache, once, and keeps what its
// steps leave in there.
func TestNoCacheKeepsNewCacheMounts(t *testing.T) {
	id := rand.Text()
	content := func(file string, args ...string) string {
		r := build(t, request{
			dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nARG FILE\n" +
				"RUN --mount=type=cache,id=" + id + ",target=/cache touch /cache/$FILE && ls /cache > /found\n",
			args: append(append(withOptions("mode=runtime"), "--build-arg", "FILE="+file), args...),
		})
		dt, err := os.ReadFile(filepath.Join(r.unpack(t), "found"))
		require.NoError(t, err)
		return string(dt)
	}
	require.Equal(t, "a\n", content("a"))
	require.Equal(t, "b\n", content("b", "--no-cache"))
	require.Equal(t, "b\nc\n", content("c"))
}
