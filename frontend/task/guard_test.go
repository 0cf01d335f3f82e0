package task

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGuardTurnsAPanicIntoAnError(t *testing.T) {
	err := Guard(func() error { panic("boom") })()
	require.ErrorContains(t, err, "dynatrace: internal error: boom")
	require.NotContains(t, err.Error(), "goroutine")
	require.NoError(t, Guard(func() error { return nil })())
}
