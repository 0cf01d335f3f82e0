package agent

import (
	"debug/elf"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// documented is what each architecture is called by others.
var documented = []struct {
	arch, platform, machine string
	elf                     elf.Machine
	bigEndian               bool
	glibc, musl             string
	multidistro             bool
}{
	{"x86", "amd64", "x86_64", elf.EM_X86_64, false, "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1", true},
	{"arm", "arm64", "aarch64", elf.EM_AARCH64, false, "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1", true},
	{"ppcle", "ppc64le", "ppc64le", elf.EM_PPC64, false, "/lib64/ld64.so.2", "/lib/ld-musl-powerpc64le.so.1", false},
	{"s390", "s390x", "s390x", elf.EM_S390, true, "/lib/ld64.so.1", "/lib/ld-musl-s390x.so.1", false},
}

func TestArch_HasEveryName(t *testing.T) {
	t.Parallel()
	for _, want := range documented {
		a := ArchOf(want.platform)
		require.Equal(t, want.arch, string(a))
		require.Equal(t, want.platform, a.Platform())
		machine, bigEndian := a.ELF()
		require.Equal(t, want.elf, elf.Machine(machine), want.arch)
		require.Equal(t, want.bigEndian, bigEndian, want.arch)
		glibc, musl := a.Loaders()
		require.Equal(t, want.glibc, glibc)
		require.Equal(t, want.musl, musl)
		require.Equal(t, want.multidistro, a.HasMultidistro(), want.arch)
		if want.platform == runtime.GOARCH {
			want.machine = ""
		}
		require.Equal(t, want.machine, a.Foreign())
	}
	require.Equal(t, []string{"amd64", "arm64", "ppc64le", "s390x"}, Platforms())
}

// An architecture without a OneAgent has none of the names, so that nothing is
// mistaken for its files.
func TestArch_KnowsNoOthers(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"", "386", "arm", "riscv64", "x86", "AMD64", "ppc64"} {
		require.Empty(t, ArchOf(platform), platform)
	}
	for _, a := range []Arch{"", "amd64", "sparc", "all"} {
		machine, bigEndian := a.ELF()
		require.Zero(t, machine)
		require.False(t, bigEndian)
		glibc, musl := a.Loaders()
		require.Empty(t, glibc+musl+a.Foreign())
		require.False(t, a.HasMultidistro())
		require.Equal(t, string(a), a.Platform())
	}
}

// The agent of a host is found by a list that has $LIB in it.
func TestLibraryPaths_ExpandsLib(t *testing.T) {
	t.Parallel()
	got := LibraryPaths("/$LIB/x.so", "")
	slices.Sort(got)
	require.Equal(t, []string{
		"/lib/aarch64-linux-gnu/x.so", "/lib/powerpc64le-linux-gnu/x.so", "/lib/s390x-linux-gnu/x.so", "/lib/x.so",
		"/lib/x86_64-linux-gnu/x.so", "/lib64/x.so",
	}, got)
}
