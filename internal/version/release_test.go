package version_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A release is made of base images that cannot change under their names. It is
// refused before anything is built.
func TestRelease_NeedsDigests(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("0", 64)
	const want = "a release needs its base images by digest"
	for name, tt := range map[string]struct {
		env  []string
		want string
	}{
		"no bases":    {nil, want},
		"tags":        {[]string{"GO_IMAGE=golang:1", "BUSYBOX_IMAGE=busybox:1"}, want},
		"one digest":  {[]string{"GO_IMAGE=golang:1" + digest, "BUSYBOX_IMAGE=busybox:1"}, want},
		"half of one": {[]string{"GO_IMAGE=golang:1" + digest, "BUSYBOX_IMAGE=busybox:1" + digest[:60]}, want},
		"no version": {
			[]string{"GO_IMAGE=golang:1" + digest, "BUSYBOX_IMAGE=busybox:1" + digest, "VERSION=0123456789ab"},
			`invalid VERSION "0123456789ab" for a release: expected v1.2.3`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := exec.Command("bash", filepath.Join(repository, "hack", "image"), "--release", filepath.Join(t.TempDir(), "image.tar"))
			c.Env = append(os.Environ(), append([]string{"GO_IMAGE=", "BUSYBOX_IMAGE=", "VERSION=v1.2.3", "DT_CACHE=" + t.TempDir()}, tt.env...)...)
			text, err := c.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(text), tt.want)
		})
	}
}
