package platforms

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

func TestPlatform_UnsupportedFails(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Fails(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n",
		Secrets:    tenant.Secrets(env),
		Args:       []string{"--platform=linux/riscv64"},
	})
	require.Contains(t, buildx.LastError(t, r), "there is no OneAgent for linux/riscv64; build for one of linux/amd64, linux/arm64, linux/ppc64le, linux/s390x")
}

func TestPlatform_UnsupportedIsSkipped(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=on-unsupported=skip;flavor=default\nFROM scratch\nCOPY Dockerfile /\n",
		Secrets:    tenant.Secrets(env),
		Args:       []string{"--platform=linux/amd64,linux/riscv64"},
	})
	require.Contains(t, r.Output, "there is no OneAgent for linux/riscv64: the image for it is built without")
	for platform, want := range map[string]string{"linux/amd64": "build", "linux/riscv64": "off"} {
		img, err := r.Layout(t).Image(platform)
		require.NoError(t, err)
		require.Equal(t, want, img.Config.Config.Labels["com.dynatrace.oneagent.mode"])
	}
}
