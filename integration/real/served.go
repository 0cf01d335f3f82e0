package real

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/oneagent"
	"github.com/org/dt-frontend/integration/standin/cluster"
)

// served lets the cluster serve one agent. All environments have the same
// installers without metadata. These are packed before anybody asks: a real
// cluster has them, and clients do not wait for long.
type served struct {
	agent *oneagent.Agent
	paths map[cluster.InstallerType]string
}

func newServed(t testing.TB, a *oneagent.Agent) *served {
	t.Helper()
	dir := t.TempDir()
	s := &served{a, map[cluster.InstallerType]string{}}
	for kind, pack := range s.packers() {
		s.paths[kind] = filepath.Join(dir, string(kind))
		f, err := os.Create(s.paths[kind])
		require.NoError(t, err)
		require.NoError(t, pack(f, nil))
		require.NoError(t, f.Close())
	}
	return s
}

func (s *served) packers() map[cluster.InstallerType]func(io.Writer, *oneagent.Links) error {
	return map[cluster.InstallerType]func(io.Writer, *oneagent.Links) error{
		cluster.TypePaaSScript: s.agent.WriteScript, cluster.TypePaaS: s.agent.WriteZip,
	}
}

func (s *served) Versions() []string { return []string{s.agent.Version} }

func (s *served) WriteInstaller(w io.Writer, spec cluster.Spec, links *cluster.AgentLinks) error {
	if links != nil {
		return s.packers()[spec.Type](w, &oneagent.Links{Tenant: links.Tenant, TenantToken: links.TenantToken, Endpoints: links.Endpoints})
	}
	f, err := os.Open(s.paths[spec.Type])
	if err != nil {
		return fmt.Errorf("reading an installer: %w", err)
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
