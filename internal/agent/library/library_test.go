package library

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// static is a library for x86 that needs no other, as the vendor's is.
func static() []byte {
	b := make([]byte, 64)
	copy(b, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(b[16:], 3)  // ET_DYN
	binary.LittleEndian.PutUint16(b[18:], 62) // EM_X86_64
	binary.LittleEndian.PutUint32(b[20:], 1)
	binary.LittleEndian.PutUint16(b[52:], 64)
	binary.LittleEndian.PutUint16(b[54:], 56)
	return b
}

// agentWith returns an agent's directory with such a library and directories.
func agentWith(t *testing.T, dirs ...string) *os.Root {
	t.Helper()
	dir := t.TempDir()
	for _, d := range append(dirs, "agent/lib64") {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, d), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, agent.PreloadLibrary), static(), 0o600))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	return root
}

const (
	glibcDir = "agent/bin/1.305.152.20241113-104505/linux-x86-64"
	muslDir  = "agent/bin/1.305.152.20241113-104505/linux-musl-x86-64"
)

// TestCheck_TellsTheFlavorByPlatforms: the vendor's library needs no C library,
// so that nothing but the platforms of the code modules tells the flavor.
func TestCheck_TellsTheFlavorByPlatforms(t *testing.T) {
	t.Parallel()
	const glibc, musl, both = agent.FlavorDefault, agent.FlavorMusl, agent.FlavorMultidistro
	for name, tt := range map[string]struct {
		dirs    []string
		told    agent.Flavor
		refuses []agent.Flavor
	}{
		"nothing tells it": {nil, "", nil},
		"no platform":      {[]string{"agent/bin/1/any", "agent/bin/any"}, "", nil},
		"glibc":            {[]string{glibcDir, "agent/bin/1/any"}, glibc, []agent.Flavor{musl, both}},
		"glibc, 32 bits":   {[]string{glibcDir, "agent/bin/1/linux-x86-32", "agent/bin/1/linux-musl-x86-32"}, glibc, []agent.Flavor{musl, both}},
		"without version":  {[]string{"agent/bin/linux-x86-64"}, glibc, []agent.Flavor{musl, both}},
		"musl":             {[]string{muslDir}, musl, []agent.Flavor{glibc, both}},
		"both":             {[]string{muslDir, glibcDir}, both, nil},
		"of two versions":  {[]string{"agent/bin/1/linux-musl-arm-64", "agent/bin/2/linux-aarch64"}, both, nil},
	} {
		root := agentWith(t, tt.dirs...)
		require.Equal(t, tt.told, partsOf(root, "").Flavor(), name)
		for _, asked := range agent.Flavors {
			err := Check(root, agent.PreloadLibrary, agent.Spec{Arch: agent.ArchX86, Flavor: asked})
			if !slices.Contains(tt.refuses, asked) {
				require.NoError(t, err, "%s as %s", name, asked)
				continue
			}
			require.EqualError(t, err, "this is an agent of flavor "+string(tt.told)+", but "+string(asked)+" was asked for", name)
		}
	}
}

// A technology may have code modules for one C library alone.
func TestCheck_AcceptsATechnologyForOneLibrary(t *testing.T) {
	t.Parallel()
	root := agentWith(t, glibcDir)
	spec := agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorMultidistro, Include: []string{"sdk"}}
	require.NoError(t, Check(root, agent.PreloadLibrary, spec))
	spec.Flavor = agent.FlavorMusl
	require.Error(t, Check(root, agent.PreloadLibrary, spec))
}

// Agents before the one library have another for musl.
func TestPartsOf_SeesTheLibraryForMusl(t *testing.T) {
	t.Parallel()
	root := agentWith(t, glibcDir, "agent/libmusl64")
	require.Equal(t, agent.FlavorDefault, partsOf(root, "").Flavor())
	require.NoError(t, root.WriteFile("agent/libmusl64/liboneagentproc.so", static(), 0o600))
	require.Equal(t, agent.FlavorMultidistro, partsOf(root, "").Flavor())
}
