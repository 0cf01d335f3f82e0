package provision

import (
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

// sharedObject writes a shared object without any dependency.
func sharedObject(t testing.TB) func(agent.Arch, agent.Flavor) (string, error) {
	dir := t.TempDir()
	return func(a agent.Arch, _ agent.Flavor) (string, error) {
		b := make([]byte, 64)
		copy(b, "\x7fELF\x02\x01\x01")
		binary.LittleEndian.PutUint16(b[16:], 3)
		binary.LittleEndian.PutUint16(b[18:], map[agent.Arch]uint16{agent.ArchX86: 62, agent.ArchARM: 183}[a])
		binary.LittleEndian.PutUint16(b[52:], 64)
		name := filepath.Join(dir, string(a))
		return name, os.WriteFile(name, b, 0o600)
	}
}

// container is a folder to install into, and a cluster to ask.
type container struct {
	*cluster.Environment
	p     *Provisioner
	order Order

	mu   sync.Mutex
	said []string
}

func newContainer(t *testing.T, shell string, opts ...cluster.EnvironmentOption) *container {
	t.Helper()
	s := cluster.New(cluster.Options{Library: sharedObject(t), Logf: t.Logf})
	c := &container{
		Environment: s.AddEnvironment(opts...),
		order: Order{
			Spec:    agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault, Include: agent.NewTechnologies("nginx", "java")},
			Version: cluster.DefaultTarget,
		},
	}
	require.NoError(t, s.Start(""))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	c.p = &Provisioner{Root: folderOf(t, 0o755), Shell: shell, Interval: 20 * time.Millisecond, Say: func(s string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.said = append(c.said, s)
	}}
	return c
}

func (c *container) words() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.said, "\n")
}

func folderOf(t testing.TB, mode fs.FileMode) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "place")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.Chmod(dir, mode))
	return dir
}

func (c *container) client(t testing.TB) *deploy.Client {
	t.Helper()
	credentials, err := deploy.NewCredentials(deploy.RawCredentials{URL: c.APIURL(), Tenant: c.ID(), Token: c.APIToken()})
	require.NoError(t, err)
	client, err := deploy.New(credentials, deploy.Options{Timeout: time.Minute})
	require.NoError(t, err)
	return client
}

func (c *container) install(t testing.TB) (*Agent, error) {
	t.Helper()
	return c.p.Install(t.Context(), c.client(t), c.order)
}

// names lists what is in a folder.
func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// eachForm runs a test with the script and with the zip.
func eachForm(t *testing.T, f func(t *testing.T, shell string)) {
	for name, shell := range map[string]string{"script": "/bin/sh", "zip": "/none"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, shell)
		})
	}
}
