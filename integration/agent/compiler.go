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
}

var toolchains = map[agent.Arch]toolchain{
	agent.ArchX86:   {"gcc", "gcc"},
	agent.ArchARM:   {"aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"},
	agent.ArchPPCLE: {"powerpc64le-linux-gnu-gcc", "gcc-powerpc64le-linux-gnu"},
	agent.ArchS390:  {"s390x-linux-gnu-gcc", "gcc-s390x-linux-gnu"},
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
