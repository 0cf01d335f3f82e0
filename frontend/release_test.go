package frontend

import (
	"testing"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

func TestSetRelease(t *testing.T) {
	image := func(label string, env ...string) *dockerspec.DockerOCIImage {
		img := &dockerspec.DockerOCIImage{}
		if label != "" {
			img.Config.Labels = map[string]string{"org.opencontainers.image.version": label}
		}
		img.Config.Env = env
		return img
	}
	tests := map[string]struct {
		img, base *dockerspec.DockerOCIImage
		want      []string
	}{
		"no label":               {image("", "A=b"), nil, []string{"A=b"}},
		"label":                  {image("1.2", "A=b"), nil, []string{"A=b", "DT_RELEASE_VERSION=1.2"}},
		"the Dockerfile wins":    {image("1.2", "DT_RELEASE_VERSION=9"), nil, []string{"DT_RELEASE_VERSION=9"}},
		"even with nothing":      {image("1.2", "DT_RELEASE_VERSION="), nil, []string{"DT_RELEASE_VERSION="}},
		"the base's own default": {image("1.2", "DT_RELEASE_VERSION=1.0"), image("1.0", "DT_RELEASE_VERSION=1.0"), []string{"DT_RELEASE_VERSION=1.2"}},
		"the base's own word":    {image("1.2", "DT_RELEASE_VERSION=x"), image("1.0", "DT_RELEASE_VERSION=x"), []string{"DT_RELEASE_VERSION=x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			setRelease(tt.img, tt.base)
			require.Equal(t, tt.want, tt.img.Config.Env)
		})
	}
}

func TestSetReleaseKnowsEveryLabel(t *testing.T) {
	img := &dockerspec.DockerOCIImage{}
	img.Config.Labels = map[string]string{
		"org.opencontainers.image.version": "v", "org.opencontainers.image.title": "t", "org.opencontainers.image.revision": "r",
	}
	setRelease(img, nil)
	require.Equal(t, []string{"DT_RELEASE_VERSION=v", "DT_RELEASE_PRODUCT=t", "DT_RELEASE_BUILD_VERSION=r"}, img.Config.Env)
}
