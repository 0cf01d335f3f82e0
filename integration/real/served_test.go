package real

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/cluster"
	"github.com/org/dt-frontend/integration/oneagent"
)

// served lets the cluster serve one agent. All environments have the same
// installers without metadata, so that these are packed once: a real cluster has
// them, and an app that installs its agent at the start does not wait for long.
type served struct {
	agent  *oneagent.Agent
	script func() (string, error)
	zip    func() (string, error)
}

func newServed(t testing.TB, a *oneagent.Agent) *served {
	t.Helper()
	dir := t.TempDir()
	once := func(name string, pack func(io.Writer, *oneagent.Links) error) func() (string, error) {
		return sync.OnceValues(func() (string, error) {
			path := filepath.Join(dir, name)
			f, err := os.Create(path)
			if err != nil {
				return "", fmt.Errorf("making an installer: %w", err)
			}
			return path, errors.Join(pack(f, nil), f.Close())
		})
	}
	return &served{a, once("paas-sh", a.WriteScript), once("paas", a.WriteZip)}
}

func (s *served) Versions() []string { return []string{s.agent.Version} }

func (s *served) WriteInstaller(w io.Writer, spec cluster.Spec, links *cluster.AgentLinks) error {
	packed, pack := s.script, s.agent.WriteScript
	if spec.Type == cluster.TypePaaS {
		packed, pack = s.zip, s.agent.WriteZip
	}
	if links != nil {
		return pack(w, &oneagent.Links{Tenant: links.Tenant, TenantToken: links.TenantToken, Endpoints: links.Endpoints})
	}
	path, err := packed()
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading an installer: %w", err)
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
