package container

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/stretchr/testify/require"
)

// Run starts a container of the image; it is removed with the test. If change is
// not nil, it changes what the container is made of.
func Run(t testing.TB, r buildx.Result, change func(*runc.Spec)) *runc.Container {
	t.Helper()
	spec := runc.Spec{Rootfs: r.Unpack(t), Config: r.Image(t).Config.Config.ImageConfig}
	if change != nil {
		change(&spec)
	}
	c, err := runc.Run(t.Context(), spec)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, c.Delete())
		if t.Failed() {
			t.Logf("the container wrote:\n%s%s", c.Stdout(), c.Stderr())
		}
	})
	return c
}

// Outcome is what a container did.
type Outcome struct {
	Code           int
	Stdout, Stderr string
}

// Finish runs an image with these variables until it ends, and with another
// command than its own if one is given.
func Finish(t testing.TB, r buildx.Result, vars []string, cmd ...string) Outcome {
	t.Helper()
	c := Run(t, r, func(s *runc.Spec) {
		s.Env = vars
		if len(cmd) > 0 {
			s.Cmd = cmd
		}
	})
	code, err := c.Wait()
	require.NoError(t, err)
	return Outcome{code, c.Stdout(), c.Stderr()}
}
