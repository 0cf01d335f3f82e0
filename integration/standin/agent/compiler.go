package agent

import (
	"errors"
	"fmt"
	"os/exec"

	"github.com/org/dt-frontend/internal/agent"
)

// ErrNoCompiler is returned where this machine cannot compile for an
// architecture.
var ErrNoCompiler = errors.New("no C compiler")

// toolchain is how a library for one architecture is made.
type toolchain struct {
	cc  string
	pkg string // Debian's package with cc
	// needs is the C library that the library asks for; the vendor's asks for
	// none.
	needs string
}

// muslNames are what Alpine calls its C library.
var muslNames = map[agent.Arch]string{
	agent.ArchX86: "libc.musl-x86_64.so.1", agent.ArchARM: "libc.musl-aarch64.so.1",
}

var toolchains = map[agent.Arch]toolchain{
	agent.ArchX86:   {cc: "gcc", pkg: "gcc"},
	agent.ArchARM:   {cc: "aarch64-linux-gnu-gcc", pkg: "gcc-aarch64-linux-gnu"},
	agent.ArchPPCLE: {cc: "powerpc64le-linux-gnu-gcc", pkg: "gcc-powerpc64le-linux-gnu"},
	agent.ArchS390:  {cc: "s390x-linux-gnu-gcc", pkg: "gcc-s390x-linux-gnu"},
}

func toolchainFor(arch agent.Arch) (toolchain, error) {
	tc, ok := toolchains[arch]
	if !ok {
		return toolchain{}, fmt.Errorf("arch %q: %w is known", arch, ErrNoCompiler)
	}
	if _, err := exec.LookPath(tc.cc); err != nil {
		return toolchain{}, fmt.Errorf("arch %q: %w: install the package %s", arch, ErrNoCompiler, tc.pkg)
	}
	return tc, nil
}
