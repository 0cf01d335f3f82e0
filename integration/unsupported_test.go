package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnsupportedPlatform(t *testing.T) {
	env := newEnvironment(t)
	r := buildFails(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n",
		secrets:    withSecrets(env),
		args:       []string{"--platform=linux/riscv64"},
	})
	require.Contains(t, lastError(t, r), "there is no OneAgent for linux/riscv64; build for one of linux/amd64, linux/arm64, linux/ppc64le, linux/s390x")
}

func TestUnsupportedPlatformsCanBeSkipped(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\n# dynatrace=on-unsupported=skip;flavor=default\nFROM scratch\nCOPY Dockerfile /\n",
		secrets:    withSecrets(env),
		args:       []string{"--platform=linux/amd64,linux/riscv64"},
	})
	require.Contains(t, r.output, "there is no OneAgent for linux/riscv64: the image for it is built without")
	for platform, want := range map[string]string{"linux/amd64": "build", "linux/riscv64": "off"} {
		img, err := r.layout(t).Image(platform)
		require.NoError(t, err)
		require.Equal(t, want, img.Config.Config.Labels["com.dynatrace.oneagent.mode"])
	}
}
