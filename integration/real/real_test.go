package real

import (
	"os"
	"testing"

	"github.com/org/dt-frontend/integration/harness/oneagent"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// modulesOf returns the directory that npm has filled, and skips a test without
// it: the vendor's licence lets nobody else fetch the agents, so a plain go test
// has none.
func modulesOf(t *testing.T) string {
	t.Helper()
	modules := os.Getenv(envModules)
	if modules == "" {
		t.Skip("no agents: run hack/test real")
	}
	return modules
}

// TestOneAgent runs all cases with all agents.
func TestOneAgent(t *testing.T) {
	modules := modulesOf(t)
	agents, err := oneagent.Open(modules)
	require.NoError(t, err)
	s := &suite{modules: modules, server: cluster.New(cluster.Options{}), authority: front.NewAuthority(t), table: newTable(agents)}
	require.NoError(t, s.server.Start(""))
	t.Cleanup(func() { _ = s.server.Close() })
	s.verify = buildVerify(t)
	t.Cleanup(func() { s.table.write(t) })
	for i, a := range agents {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			s.try(t, a, i == len(agents)-1)
		})
	}
}
