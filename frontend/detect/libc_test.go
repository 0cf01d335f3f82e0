package detect

import (
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestFindLibc(t *testing.T) {
	tests := map[string]struct {
		files  []string
		arch   agent.Arch
		flavor agent.Flavor
		store  string
	}{
		"glibc":              {[]string{"lib64/ld-linux-x86-64.so.2"}, agent.ArchX86, "default", ""},
		"usr-merged":         {[]string{"usr/lib64/ld-linux-x86-64.so.2", "lib64 -> usr/lib64"}, agent.ArchX86, "default", ""},
		"merged, absolute":   {[]string{"usr/lib64/ld-linux-x86-64.so.2", "lib64 -> /usr/lib64"}, agent.ArchX86, "default", ""},
		"musl":               {[]string{"lib/ld-musl-x86_64.so.1"}, agent.ArchX86, "musl", ""},
		"both":               {[]string{"lib/ld-musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2"}, agent.ArchX86, "multidistro", ""},
		"gcompat":            {[]string{"lib/ld-musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2", "lib/libgcompat.so.0"}, agent.ArchX86, "musl", ""},
		"libc6-compat":       {[]string{"lib/ld-musl-x86_64.so.1", "lib/libc.musl-x86_64.so.1 -> ld-musl-x86_64.so.1", "lib/ld-linux-x86-64.so.2 -> libc.musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2 -> ../lib/ld-linux-x86-64.so.2"}, agent.ArchX86, "musl", ""},
		"glibc in a prefix":  {[]string{"lib/ld-musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2 -> /usr/glibc-compat/lib/ld-linux-x86-64.so.2", "usr/glibc-compat/lib/ld-linux-x86-64.so.2"}, agent.ArchX86, "multidistro", ""},
		"arm64":              {[]string{"lib/ld-linux-aarch64.so.1"}, agent.ArchARM, "default", ""},
		"ppc64le":            {[]string{"usr/lib64/ld64.so.2", "lib64 -> usr/lib64"}, agent.ArchPPCLE, "default", ""},
		"s390x":              {[]string{"lib/ld64.so.1"}, agent.ArchS390, "default", ""},
		"another's":          {[]string{"lib/ld-linux-aarch64.so.1"}, agent.ArchX86, "", ""},
		"static":             {[]string{"app"}, agent.ArchX86, "", ""},
		"empty":              {nil, agent.ArchX86, "", ""},
		"Nix":                {[]string{"nix/store/x-glibc/lib/ld-linux-x86-64.so.2"}, agent.ArchX86, "", "/nix/store"},
		"Nix, dangling":      {[]string{"lib64/ld-linux-x86-64.so.2 -> /nix/store/x/lib/ld.so", "nix/store/y"}, agent.ArchX86, "", "/nix/store"},
		"Guix":               {[]string{"gnu/store/x"}, agent.ArchX86, "", "/gnu/store"},
		"Debian's own":       {[]string{"usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "usr/lib64/ld-linux-x86-64.so.2 -> /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "lib64 -> usr/lib64", "lib -> usr/lib"}, agent.ArchX86, "default", ""},
		"musl on ppc64le":    {[]string{"lib/ld-musl-powerpc64le.so.1 -> powerpc64le-linux-musl/libc.so", "lib/powerpc64le-linux-musl/libc.so"}, agent.ArchPPCLE, "musl", ""},
		"musl on s390x":      {[]string{"lib/ld-musl-s390x.so.1"}, agent.ArchS390, "musl", ""},
		"a folder's name":    {[]string{"lib64/ld-linux-x86-64.so.2/x"}, agent.ArchX86, "", ""},
		"dangling":           {[]string{"lib64 -> usr/lib64"}, agent.ArchX86, "", ""},
		"a file for a place": {[]string{"lib64"}, agent.ArchX86, "", ""},
		"a loop":             {[]string{"lib64 -> lib64"}, agent.ArchX86, "", ""},
		"a deep loop":        {[]string{"lib64 -> lib/x", "lib -> lib64/y"}, agent.ArchX86, "", ""},
		"a chain":            {[]string{"lib64 -> usr/lib64", "usr/lib64 -> lib", "usr/lib/ld-linux-x86-64.so.2"}, agent.ArchX86, "default", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := FindLibc(t.Context(), newTree(t, tt.files...), tt.arch)
			require.NoError(t, err)
			require.Equal(t, tt.flavor, got.Flavor())
			require.Equal(t, tt.store, got.Elsewhere)
		})
	}
}
