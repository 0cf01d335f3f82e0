package agent_test

import (
	"crypto/sha256"
	"debug/elf"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	standin "github.com/org/dt-frontend/integration/standin/agent"
	"github.com/org/dt-frontend/internal/agent"
)

// As the vendor's: one library for all C libraries, by name and place alone.
func TestBuild(t *testing.T) {
	for arch, machine := range map[agent.Arch]elf.Machine{
		agent.ArchX86: elf.EM_X86_64, agent.ArchARM: elf.EM_AARCH64, agent.ArchPPCLE: elf.EM_PPC64, agent.ArchS390: elf.EM_S390,
	} {
		t.Run(string(arch), func(t *testing.T) {
			path, err := standin.Build(t.TempDir(), arch)
			require.NoError(t, err)
			require.Equal(t, standin.LibraryName, filepath.Base(path))
			f, err := elf.Open(path)
			require.NoError(t, err)
			defer f.Close()
			require.Equal(t, machine, f.Machine)
			require.Equal(t, elf.ET_DYN, f.Type)
			libs, err := f.ImportedLibraries()
			require.NoError(t, err)
			require.Empty(t, libs)
			for tag, want := range map[elf.DynTag]string{elf.DT_SONAME: standin.LibraryName, elf.DT_RPATH: "$ORIGIN"} {
				got, err := f.DynString(tag)
				require.NoError(t, err)
				require.Equal(t, []string{want}, got, tag)
			}
			requireOwnSymbols(t, f)
		})
	}
}

// requireOwnSymbols fails if the library takes a symbol from another that has to
// be there, or gives one that would come before the app's.
func requireOwnSymbols(t *testing.T, f *elf.File) {
	t.Helper()
	symbols, err := f.DynamicSymbols()
	require.NoError(t, err)
	for _, s := range symbols {
		if elf.ST_BIND(s.Info) == elf.STB_LOCAL {
			continue
		}
		require.Equal(t, elf.SHN_UNDEF, s.Section, s.Name)
		require.Equal(t, elf.STB_WEAK, elf.ST_BIND(s.Info), s.Name)
	}
}

func TestBuildIsDeterministic(t *testing.T) {
	sums := map[[sha256.Size]byte]bool{}
	for range 2 {
		// A cache of its own makes each round compile.
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		path, err := standin.Build("", agent.ArchX86)
		require.NoError(t, err)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		sums[sha256.Sum256(data)] = true
		require.NotContains(t, string(data), filepath.Dir(path), "a path of this machine is in the library")
	}
	require.Len(t, sums, 1)
}

func TestBuildErrors(t *testing.T) {
	_, err := standin.Build("", "sparc")
	require.ErrorIs(t, err, standin.ErrNoCompiler)

	t.Setenv("PATH", t.TempDir())
	_, err = standin.Build("", agent.ArchPPCLE)
	require.ErrorIs(t, err, standin.ErrNoCompiler)
	require.ErrorContains(t, err, "gcc-powerpc64le-linux-gnu")
}
