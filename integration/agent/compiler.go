package agent

import (
	"errors"
	"fmt"
	"os/exec"

	"github.com/org/dt-frontend/internal/agent"
)

// ErrNoCompiler is returned where this machine cannot compile for a platform.
var ErrNoCompiler = errors.New("no C compiler")

// toolchain is how a library for one architecture and libc is made.
type toolchain struct {
	cc  string
	pkg string // Debian's package with cc
	// libc is the name under which the library asks for its C library. It is
	// set where the compiler would name another: Alpine's musl is known as
	// libc.musl-x86_64.so.1, and musl-gcc says libc.so.
	libc string
}

type target struct {
	arch   agent.Arch
	flavor agent.Flavor
}

// There is no musl cross compiler in Debian. The library takes from its C
// library only what glibc and musl have under equal names and with equal
// layouts, so for arm64 one compiled with glibc's headers asks for musl.
var toolchains = map[target]toolchain{
	{agent.ArchX86, agent.FlavorDefault}:   {cc: "gcc", pkg: "gcc"},
	{agent.ArchX86, agent.FlavorMusl}:      {cc: "musl-gcc", pkg: "musl-tools", libc: "libc.musl-x86_64.so.1"},
	{agent.ArchARM, agent.FlavorDefault}:   {cc: "aarch64-linux-gnu-gcc", pkg: "gcc-aarch64-linux-gnu"},
	{agent.ArchARM, agent.FlavorMusl}:      {cc: "aarch64-linux-gnu-gcc", pkg: "gcc-aarch64-linux-gnu", libc: "libc.musl-aarch64.so.1"},
	{agent.ArchPPCLE, agent.FlavorDefault}: {cc: "powerpc64le-linux-gnu-gcc", pkg: "gcc-powerpc64le-linux-gnu"},
	{agent.ArchS390, agent.FlavorDefault}:  {cc: "s390x-linux-gnu-gcc", pkg: "gcc-s390x-linux-gnu"},
}

func toolchainFor(arch agent.Arch, flavor agent.Flavor) (toolchain, error) {
	if flavor == agent.FlavorMultidistro {
		return toolchain{}, fmt.Errorf("flavor %s has two libraries: build %s and %s",
			flavor, agent.FlavorDefault, agent.FlavorMusl)
	}
	tc, ok := toolchains[target{arch, flavor}]
	if !ok {
		return toolchain{}, fmt.Errorf("arch %q with flavor %q: %w is known", arch, flavor, ErrNoCompiler)
	}
	if _, err := exec.LookPath(tc.cc); err != nil {
		return toolchain{}, fmt.Errorf("arch %q with flavor %q: %w: install the package %s",
			arch, flavor, ErrNoCompiler, tc.pkg)
	}
	return tc, nil
}
