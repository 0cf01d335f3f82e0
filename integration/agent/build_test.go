package agent_test

import (
	"crypto/sha256"
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	standin "github.com/org/dt-frontend/integration/agent"
	"github.com/org/dt-frontend/internal/agent"
)

func TestBuild(t *testing.T) {
	for _, tc := range []struct {
		arch    agent.Arch
		flavor  agent.Flavor
		machine elf.Machine
		libc    string
	}{
		{agent.ArchX86, agent.FlavorDefault, elf.EM_X86_64, "libc.so.6"},
		{agent.ArchX86, agent.FlavorMusl, elf.EM_X86_64, "libc.musl-x86_64.so.1"},
		{agent.ArchARM, agent.FlavorDefault, elf.EM_AARCH64, "libc.so.6"},
		{agent.ArchARM, agent.FlavorMusl, elf.EM_AARCH64, "libc.musl-aarch64.so.1"},
		{agent.ArchPPCLE, agent.FlavorDefault, elf.EM_PPC64, "libc.so.6"},
		{agent.ArchS390, agent.FlavorDefault, elf.EM_S390, "libc.so.6"},
	} {
		t.Run(string(tc.arch)+"-"+string(tc.flavor), func(t *testing.T) {
			path, err := standin.Build(t.TempDir(), tc.arch, tc.flavor)
			require.NoError(t, err)
			require.Equal(t, standin.LibraryName, filepath.Base(path))
			f, err := elf.Open(path)
			require.NoError(t, err)
			defer f.Close()
			require.Equal(t, tc.machine, f.Machine)
			require.Equal(t, elf.ET_DYN, f.Type)
			libs, err := f.ImportedLibraries()
			require.NoError(t, err)
			require.Equal(t, []string{tc.libc}, libs)
			requireOldSymbols(t, f)
		})
	}
}

// requireOldSymbols sees to it that the library loads in images that are older
// than the machine that compiles it.
func requireOldSymbols(t *testing.T, f *elf.File) {
	t.Helper()
	symbols, err := f.ImportedSymbols()
	require.NoError(t, err)
	old := []string{"", "GLIBC_2.2", "GLIBC_2.2.5", "GLIBC_2.3", "GLIBC_2.3.4", "GLIBC_2.4", "GLIBC_2.14", "GLIBC_2.17"}
	for _, s := range symbols {
		require.True(t, slices.Contains(old, s.Version), "%s needs %s", s.Name, s.Version)
	}
}

func TestBuildIsDeterministic(t *testing.T) {
	sums := map[[sha256.Size]byte]bool{}
	for range 2 {
		// A cache of its own makes each round compile.
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		path, err := standin.Build("", agent.ArchX86, agent.FlavorDefault)
		require.NoError(t, err)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		sums[sha256.Sum256(data)] = true
		require.NotContains(t, string(data), filepath.Dir(path), "a path of this machine is in the library")
	}
	require.Len(t, sums, 1)
}

func TestBuildErrors(t *testing.T) {
	_, err := standin.Build("", agent.ArchX86, agent.FlavorMultidistro)
	require.ErrorContains(t, err, "two libraries")

	_, err = standin.Build("", agent.ArchS390, agent.FlavorMusl)
	require.ErrorIs(t, err, standin.ErrNoCompiler)

	t.Setenv("PATH", t.TempDir())
	_, err = standin.Build("", agent.ArchPPCLE, agent.FlavorDefault)
	require.ErrorIs(t, err, standin.ErrNoCompiler)
	require.ErrorContains(t, err, "gcc-powerpc64le-linux-gnu")
}
