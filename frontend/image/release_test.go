package image

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
	instrumented := func(label string, env ...string) *dockerspec.DockerOCIImage {
		img := image(label, env...)
		img.Config.Labels["com.dynatrace.oneagent.mode"] = "build"
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
		"label of its own":       {image("1.2", "A=b"), image("1.0"), []string{"A=b", "DT_RELEASE_VERSION=1.2"}},
		"label where none was":   {image("1.2", "A=b"), image(""), []string{"A=b", "DT_RELEASE_VERSION=1.2"}},
		"label of the base":      {image("12.5", "A=b"), image("12.5"), []string{"A=b"}},
		"no label at all":        {image("", "A=b"), image(""), []string{"A=b"}},
		"the base's own default": {image("1.2", "DT_RELEASE_VERSION=1.0"), instrumented("1.0", "DT_RELEASE_VERSION=1.0"), []string{"DT_RELEASE_VERSION=1.2"}},
		"nor with its label":     {image("1.0", "A=b", "DT_RELEASE_VERSION=1.0"), instrumented("1.0", "DT_RELEASE_VERSION=1.0"), []string{"A=b"}},
		"the base's own word":    {image("1.2", "DT_RELEASE_VERSION=x"), instrumented("1.0", "DT_RELEASE_VERSION=x"), []string{"DT_RELEASE_VERSION=x"}},
		"of a plain base, too":   {image("1.0", "DT_RELEASE_VERSION=1.0"), image("1.0", "DT_RELEASE_VERSION=1.0"), []string{"DT_RELEASE_VERSION=1.0"}},
		"set to the base's":      {image("1.0", "DT_RELEASE_VERSION=1.0"), instrumented("1.0"), []string{"DT_RELEASE_VERSION=1.0"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			SetRelease(tt.img, tt.base)
			require.Equal(t, tt.want, tt.img.Config.Env)
		})
	}
}

func TestSetReleaseKnowsEveryLabel(t *testing.T) {
	img := &dockerspec.DockerOCIImage{}
	img.Config.Labels = map[string]string{
		"org.opencontainers.image.version": "v", "org.opencontainers.image.title": "t", "org.opencontainers.image.revision": "r",
	}
	SetRelease(img, nil)
	require.Equal(t, []string{"DT_RELEASE_VERSION=v", "DT_RELEASE_PRODUCT=t", "DT_RELEASE_BUILD_VERSION=r"}, img.Config.Env)
}

func TestSetRelease_KeepsAnEmptyVariable(t *testing.T) {
	base := &dockerspec.DockerOCIImage{}
	base.Config.Labels = map[string]string{"com.dynatrace.oneagent.mode": "build"}
	img := &dockerspec.DockerOCIImage{}
	img.Config.Env = []string{"DT_RELEASE_VERSION="}
	img.Config.Labels = map[string]string{"org.opencontainers.image.version": "1.2"}
	SetRelease(img, base)
	require.Equal(t, []string{"DT_RELEASE_VERSION="}, img.Config.Env, "the Dockerfile says that there is none")
}
