package platforms

import (
	"debug/elf"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// everywhere are the platforms that have a OneAgent, by their processors.
var everywhere = map[string]elf.Machine{
	"linux/amd64":   elf.EM_X86_64,
	"linux/arm64":   elf.EM_AARCH64,
	"linux/ppc64le": elf.EM_PPC64,
	"linux/s390x":   elf.EM_S390,
}

// requireAgent sees to it that an image has the agent of its own platform, and
// the libraries that this flavor is made of.
func requireAgent(t *testing.T, img *oci.Image, flavor agent.Flavor) (root string) {
	t.Helper()
	require.Equal(t, string(flavor), img.Config.Config.Labels[inspect.FlavorLabel])
	root = t.TempDir()
	require.NoError(t, img.Unpack(t.Context(), root))
	machine, ok := everywhere[img.Platform()]
	require.True(t, ok, img.Platform())
	require.Equal(t, machine, openELF(t, root, agent.StartPath).Machine)

	// One library for glibc and musl: the flavor shows in the modules alone.
	f := openELF(t, root, filepath.Join(agent.Dir, "agent/lib64/liboneagentproc.so"))
	require.Equal(t, machine, f.Machine)
	libs, err := f.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libs)
	for pattern, want := range map[string]bool{
		"linux-musl-*": flavor != agent.FlavorDefault,
		"linux-[^m]*":  flavor != agent.FlavorMusl,
	} {
		found, err := filepath.Glob(filepath.Join(root, agent.Dir, "agent/bin/1.*", pattern))
		require.NoError(t, err)
		require.Equal(t, want, len(found) > 0, pattern)
	}
	return root
}

// requireLoaders sees to it that the loaders which a flavor needs are in a root
// file system. A link counts: where it leads is another's to say.
func requireLoaders(t *testing.T, root string, arch agent.Arch, flavor agent.Flavor) {
	t.Helper()
	glibc, musl := arch.Loaders()
	for name, want := range map[string]bool{glibc: flavor != agent.FlavorMusl, musl: flavor != agent.FlavorDefault} {
		_, err := os.Lstat(filepath.Join(root, name))
		require.Equal(t, want, err == nil, name)
	}
}

func openELF(t *testing.T, root, name string) *elf.File {
	t.Helper()
	f, err := elf.Open(filepath.Join(root, name))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}
