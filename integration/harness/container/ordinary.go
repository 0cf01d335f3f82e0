package container

import (
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/stretchr/testify/require"
)

const (
	// OrdinaryUser is a user that no passwd file names.
	OrdinaryUser = 12345
	// AgentDir is where ordinary users let the agent be installed.
	AgentDir = "/agent"
)

// AgentMount is a directory on the machine that containers of an ordinary user
// have at [AgentDir]. It outlasts them, and is removed with the test.
func AgentMount(t testing.TB) (dir string, mount specs.Mount) {
	t.Helper()
	dir = t.TempDir()
	require.NoError(t, os.Chown(dir, OrdinaryUser, OrdinaryUser))
	return dir, specs.Mount{Destination: AgentDir, Type: "bind", Source: dir, Options: []string{"rbind", "rw"}}
}

// AsOrdinary changes a container to one of an ordinary user with a read-only
// root, and no place to write to but the mounts.
func AsOrdinary(env []string, mounts ...specs.Mount) func(*runc.Spec) {
	return func(spec *runc.Spec) {
		spec.User = strconv.Itoa(OrdinaryUser)
		spec.Env = slices.Concat(env, []string{"DT_AGENT_DIR=" + AgentDir})
		spec.Mounts = mounts
		spec.Options = []runc.Option{runc.WithCapabilities(), runc.WithoutNewPrivileges(), runc.WithoutMounts("/dev/shm", "/dev/mqueue")}
	}
}
