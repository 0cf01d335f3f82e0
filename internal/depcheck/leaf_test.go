package depcheck

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Leaves can be read by themselves: each knows of the module only what stands
// here, besides the names of variables.
func TestLeaves_ImportNothingElse(t *testing.T) {
	for leaf, allowed := range map[string][]string{
		"frontend/agentspec":         {"frontend/notice", "frontend/option", "internal/agent", "internal/scan"},
		"frontend/detect":            {"internal/agent"},
		"frontend/notice":            {"internal/agent", "internal/scan"},
		"frontend/option":            {"internal/agent"},
		"frontend/rule":              {"internal/agent"},
		"frontend/task":              {},
		"internal/install/seal":      {},
		"internal/install/signature": {},
		"internal/scan":              {},
		"internal/scan/value":        {},
		"internal/start/inherit":     {},
		"internal/verify/image":      {},
		"internal/verify/lazy":       {},
		"internal/random":            {},
	} {
		t.Run(leaf, func(t *testing.T) { requireOnly(t, leaf, allowed) })
	}
}

// Readers of hostile input know nothing of the rest, which has secrets.
func TestUntrusted_KnowsNothingOfTheRest(t *testing.T) {
	const dir = "internal/untrusted"
	out, err := exec.Command("go", "list", module+dir+"/...").Output()
	require.NoError(t, err)
	packages := strings.Fields(string(out))
	require.Greater(t, len(packages), 1)
	for _, pkg := range packages {
		requireOnly(t, strings.TrimPrefix(pkg, module), []string{dir})
	}
}

// requireOnly requires that pkg depends on packages of the module in the
// directories allowed alone.
func requireOnly(t *testing.T, pkg string, allowed []string) {
	t.Helper()
	for _, dep := range deps(t, pkg) {
		if !strings.HasPrefix(dep, module) || dep == names {
			continue
		}
		known := false
		for _, dir := range allowed {
			known = known || in(dep, dir)
		}
		require.True(t, known, "%s must not depend on %s", pkg, dep)
	}
}
