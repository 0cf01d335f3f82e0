package provision

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// The agent trusts what the image brings and what its environment has given it,
// and is another one than that without.
func TestTheImagesCertificates(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]string{"none of the environment's": cluster.DefaultTarget, "its own beside": cluster.DefaultVersions[0]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachForm(t, func(t *testing.T, shell string) {
				c := newContainer(t, shell, cluster.WithIgnoredSkipMetadata())
				c.order.Version = version
				file := func() (string, error) {
					dt, err := os.ReadFile(filepath.Join(c.p.Root, "oneagent", agent.CustomCA))
					return string(dt), err
				}
				_, err := c.install(t)
				require.NoError(t, err)
				own, err := file()
				require.Equal(t, version != cluster.DefaultTarget, err == nil)
				if own != "" {
					own += "\n"
				}

				text := rand.Text()
				c.p.CAFile = filepath.Join(t.TempDir(), "ca.pem")
				c.order.CA = "sha256:" + text
				_, ok := c.p.Find(c.order)
				require.False(t, ok)
				_, err = c.install(t)
				require.ErrorContains(t, err, "giving the agent the image's certificates")
				require.NoError(t, os.WriteFile(c.p.CAFile, []byte(text), 0o600))
				_, err = c.install(t)
				require.NoError(t, err)
				got, err := file()
				require.NoError(t, err)
				require.Equal(t, own+text, got)
				st, err := os.Stat(filepath.Join(c.p.Root, "oneagent", agent.CustomCA))
				require.NoError(t, err)
				require.Equal(t, os.FileMode(0o644), st.Mode())
				_, ok = c.p.Find(c.order)
				require.True(t, ok)
			})
		})
	}
}
